import { unknownName } from "../core/errors.ts";
import type { Comparison } from "./comparison.ts";

/** What a comparison can be told to fail on. */
export const FAILURES = ["slower", "work", "missing"] as const;
export type Failure = (typeof FAILURES)[number];

/** The failures that `--fail-on` names; none if it was not given. */
export function parseFailOn(text: string | undefined): ReadonlySet<Failure> {
  if (text === undefined) return new Set();
  return new Set(
    text.split(",").map((typed) => {
      const known = FAILURES.find((one) => one === typed.trim());
      if (known === undefined) throw unknownName("failure for --fail-on", typed.trim(), FAILURES);
      return known;
    }),
  );
}

/** The parts of a comparison in which failures are looked for. */
export type Findings = Pick<Comparison, "cells" | "work" | "oneSided">;

/** Which of the failures hold, and each of their cells by its name, in the order of `FAILURES`. */
export function failuresIn(
  { cells, work, oneSided }: Findings,
  failOn: ReadonlySet<Failure>,
): ReadonlyMap<Failure, readonly string[]> {
  const lost = oneSided.filter(({ side }) => side === "base");
  // A cell whose result became wrong has no time that could be slower, and is worse than one.
  const found = {
    slower: [...cells.filter(({ verdict }) => verdict === "slower"), ...lost.filter(({ broken }) => broken)],
    work: work.filter(({ accepted }) => !accepted),
    missing: lost,
  } as const satisfies Record<Failure, readonly { readonly case: string }[]>;
  const names = FAILURES.filter((one) => failOn.has(one) && found[one].length > 0).map(
    (one) => [one, [...new Set(found[one].map((cell) => cell.case))]] as const,
  );
  return new Map(names);
}

/**
 * Whether to pass. If slow cells should fail and no cell could be told slow from fast, the result is neither;
 * if nothing should fail, a comparison passes.
 */
export function outcomeOf(findings: Findings, failOn: ReadonlySet<Failure>): Comparison["outcome"] {
  if (failuresIn(findings, failOn).size > 0) return "regressed";
  const blind = findings.cells.every(({ verdict }) => verdict === "unresolved");
  return failOn.has("slower") && blind ? "inconclusive" : "fine";
}
