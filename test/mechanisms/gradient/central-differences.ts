import { rowIn } from "../../../src/core/outputs.ts";
import { everyRow, type RowPlace } from "../../../src/core/rows.ts";
import { layoutOf, offsetIn } from "../../../src/core/shape.ts";
import { type AttentionInputs, namesIn, tensorNamed } from "../../../src/core/tensors.ts";
import { DOUT, isGradient } from "../../../src/mechanisms/gradient/declare.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import { float64 } from "../../../src/mechanisms/oracle.ts";
import { outputsOf } from "../../../src/mechanisms/outputs.ts";

/** Inputs are multiples of this, so that float32 holds every number of a difference. */
const GRID = 2 ** -12;
const STEP = 2 ** -9;

/** The same problem on numbers of which differences can be taken without a rounding. */
export function onGrid(problem: JudgedProblem): JudgedProblem {
  const named = namesIn(problem.inputs).map((name) => [
    name,
    tensorNamed(problem.inputs, name).map((x) => Math.round(x / GRID) * GRID),
  ]);
  const inputs: AttentionInputs = { ...problem.inputs, ...Object.fromEntries(named) };
  return { ...problem, inputs };
}

/** One number of a gradient by central differences of the forward oracle, and how far off that may be. */
export interface Difference {
  readonly value: number;
  readonly off: number;
}

/**
 * A number of a gradient: `(8 (L(h) - L(-h)) - (L(2h) - L(-2h))) / 12h`, of an error in h⁴, L being `Σ dout · out` in float64.
 * The same with 2h is 16 times as far off, so that the two lie further apart than the first is from the truth. Of a smooth
 * function `L(h) - 2 L(0) + L(-h)` is four times as much with 2h, up to h⁴; a kink within reach shows in what it is not. Where
 * smaller steps come no nearer, nothing is told, and it may be off by anything. The problem's inputs are changed meanwhile.
 */
export function difference(problem: JudgedProblem, place: RowPlace, column: number): Difference {
  const { mechanism, inputs } = problem;
  if (!isGradient(mechanism))
    throw new TypeError(`differences: must be of a gradient, got ${mechanism.kind}`);
  const within = builtInKinds.judged({ ...problem, mechanism: mechanism.of });
  const layout = layoutOf(problem.shape, "output");
  const dout = tensorNamed(inputs, DOUT);
  const places = everyRow(problem.shape);
  let size = 0;
  const loss = (): number => {
    let sum = 0;
    size = 0;
    for (const [index, row] of within.kind.oracle(within).rows(places, float64).entries()) {
      const { batch, head, row: query } = places[index];
      const at = offsetIn(layout, batch, head, query);
      for (const [i, value] of row.values.entries()) {
        sum += dout[at + i] * value;
        size += Math.abs(dout[at + i] * value);
      }
    }
    return sum;
  };
  const outputs = outputsOf({ ...problem });
  const input = tensorNamed(inputs, (place.tensor ?? "").slice(1));
  const { at } = rowIn(
    [{ ...(outputs.find(({ name }) => name === place.tensor) ?? outputs[0]), offset: 0 }],
    place,
  );
  const kept = input[at + column];
  const lossAt = (by: number): number => {
    input[at + column] = kept + by;
    const result = loss();
    input[at + column] = kept;
    return result;
  };
  const here = lossAt(0);
  const [one, two, four, eight] = [1, 2, 4, 8].map((times) => {
    const [after, before] = [lossAt(times * STEP), lossAt(-times * STEP)];
    return { slope: after - before, bend: after - 2 * here + before };
  });
  const value = (8 * one.slope - two.slope) / (12 * STEP);
  const coarse = (8 * two.slope - four.slope) / (24 * STEP);
  const coarser = (8 * four.slope - eight.slope) / (48 * STEP);
  const rounding = (64 * Number.EPSILON * (1 + size)) / STEP;
  // What turns within a step, as near a divisor of 0, is not told by differences: those of it do not come nearer.
  if (Math.abs(value - coarse) > rounding + Math.abs(coarse - coarser) / 4)
    return { value, off: Number.POSITIVE_INFINITY };
  const kink = Math.abs(two.bend - 4 * one.bend) / STEP;
  return { value, off: Math.abs(value - coarse) + kink + rounding };
}
