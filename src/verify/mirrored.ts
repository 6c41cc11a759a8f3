import { type JudgedProblem, reads, weightTensors } from "../mechanisms/judged.ts";
import { outputsOf } from "../mechanisms/outputs.ts";
import type { SecondOpinion } from "./second-opinion.ts";
import { unlikeRows } from "./unlike-rows.ts";

/**
 * Compares an output with the same kernel's own on turned inputs, where a row's keys are the mirror image of
 * those of the row that has its place in the reversed sequence: with v negated, the two differ only in sign.
 * Another tile computed it, so that a tile of wrong rows shows, at the cost of only a comparison. Null if no
 * row has such a twin.
 */
export function mirrored(
  problem: JudgedProblem,
  output: Float32Array,
  turned: Float32Array,
): SecondOpinion | null {
  const { kind, shape } = problem;
  // Turned by their positions, reversed tokens are not each other's mirror images.
  if (
    kind.outputs !== undefined ||
    !kind.pairwise ||
    kind.directed?.(problem.mechanism) ||
    problem.causal ||
    weightTensors(problem).length > 0
  )
    return null;
  const { batch, heads, length, queries, valueDim } = shape;
  const patterns = reads(problem);
  const theirs = output.slice();
  let rows = 0;
  for (let slice = 0; slice < batch * heads; slice++) {
    const pattern = patterns[slice % heads];
    for (let row = 0; row < queries; row++) {
      const twin = queries - 1 - row;
      if (twin === row || !areMirrored(pattern.intervals(row), pattern.intervals(twin), length)) continue;
      rows++;
      const from = (slice * queries + twin) * valueDim;
      const to = (slice * queries + row) * valueDim;
      for (let i = 0; i < valueDim; i++) theirs[to + i] = -turned[from + i];
    }
  }
  return rows === 0 ? null : { rows, unlike: unlikeRows(output, theirs, outputsOf(problem)) };
}

function areMirrored(one: readonly number[], other: readonly number[], length: number): boolean {
  return (
    one.length === other.length && one.every((edge, at) => length - edge === other[other.length - 1 - at])
  );
}
