import { unknownName } from "../core/errors.ts";
import { cellsIn, verdictsIn } from "../text/change-counts.ts";
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
export type Findings = Pick<Comparison, "cells" | "work" | "oneSided" | "unlisted">;

/** Which of the failures hold, and each of their listed cells by its name, in the order of `FAILURES`. */
export function failuresIn(
  { cells, work, oneSided, unlisted }: Findings,
  failOn: ReadonlySet<Failure>,
): ReadonlyMap<Failure, readonly string[]> {
  const lost = oneSided.filter(({ side }) => side === "base");
  // A cell whose result became wrong has no time that could be slower, and is worse than one.
  const found = {
    slower: [...cells.filter(({ verdict }) => verdict === "slower"), ...lost.filter(({ broken }) => broken)],
    work: work.filter(({ accepted }) => !accepted),
    missing: lost,
  } as const satisfies Record<Failure, readonly { readonly case: string }[]>;
  const names = FAILURES.filter(
    (one) => failOn.has(one) && found[one].length + unnamed(one, unlisted) > 0,
  ).map((one) => [one, [...new Set(found[one].map((cell) => cell.case))]] as const);
  return new Map(names);
}

/** How many cells of a failure are not listed. */
export function unnamed(failure: Failure, unlisted: Comparison["unlisted"]): number {
  if (unlisted === undefined) return 0;
  const { cells, work, broken, missing } = unlisted;
  const counts = { slower: cells.slower + broken, work, missing: missing + broken };
  return counts[failure];
}

/**
 * Whether to pass. If slow cells should fail and no cell could be told slow from fast, the result is neither;
 * if nothing should fail, a comparison passes.
 */
export function outcomeOf(findings: Findings, failOn: ReadonlySet<Failure>): Comparison["outcome"] {
  if (failuresIn(findings, failOn).size > 0) return "regressed";
  const verdicts = verdictsIn(findings);
  const blind = (verdicts.get("unresolved") ?? 0) === cellsIn(findings);
  return failOn.has("slower") && blind ? "inconclusive" : "fine";
}
