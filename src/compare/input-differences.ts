import type { RunLine } from "../record/schema/result-lines.ts";
import type { Difference } from "./comparison.ts";

/** Whether two runs measured on numbers known to come from the same file content, whatever its name. */
export function sameInputFile(base: RunLine, head: RunLine): boolean {
  return base.input_sha256 != null && base.input_sha256 === head.input_sha256;
}

/**
 * What the inputs do not share. Times do not follow from it, since every kernel does the same work whatever
 * the numbers are, so nothing is refused; errors do, and are then not compared.
 */
export function inputDifferences(base: RunLine, head: RunLine): readonly Difference[] {
  const told = (run: RunLine) => ({
    input: sameInputFile(base, head) ? "" : run.plan.input,
    input_sha256: run.input_sha256 ?? "none",
    seed: `${run.plan.seed}`,
  });
  const [before, after] = [told(base), told(head)];
  return (["input", "input_sha256", "seed"] as const)
    .filter((field) => before[field] !== after[field])
    .map((field) => ({ field, base: before[field], head: after[field] }));
}
