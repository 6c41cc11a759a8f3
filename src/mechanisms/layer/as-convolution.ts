import { everyRow, type RowPlace } from "../../core/rows.ts";
import { tensorNamed } from "../../core/tensors.ts";
import type { Bias } from "../../pairwise/bias.ts";
import { type Shifts, shiftsOf } from "../../pairwise/shift-bias.ts";
import { type Convolution, WEIGHTS } from "../convolution/declare.ts";
import { convolutionKind } from "../convolution/kind.ts";
import type { JudgedProblem } from "../judged.ts";
import { float64 } from "../oracle.ts";
import { isSoftmaxPattern } from "../softmax-pattern/declare.ts";
import { LAYER_WEIGHTS, type Layer } from "./declare.ts";

/** The problem of a layer. */
export type LayerProblem = JudgedProblem & { readonly mechanism: Layer };

/** A bias whose heads look a fixed shift away. */
export type ShiftedBias = Bias & { readonly shifts: Shifts };

/** That of a layer whose heads read values by position alone, and nothing else; null if a layer has others. */
export function shiftedBias({ inner, made }: Layer): ShiftedBias | null {
  const isByPlace = made.q === "zeros" && made.k === "zeros" && made.v === "tokens";
  const bias = isByPlace && isSoftmaxPattern(inner) ? inner.bias : undefined;
  return bias?.shifts === undefined ? null : { ...bias, shifts: bias.shifts };
}

/** The convolution that a layer is: its kernel is W^O, and what is outside of an image is the nearest pixel. */
export function convolutionOfLayer(
  { shape, inputs, causal, threads }: LayerProblem,
  shifts: Shifts,
): JudgedProblem & { readonly mechanism: Convolution } {
  const { width, side } = shifts;
  const mechanism: Convolution = {
    kind: "convolution",
    form: "full",
    taps: shiftsOf(shifts).length,
    ...(width !== null && { image: { width, side, border: "nearest" } }),
    seed: 0,
  };
  const { q, k, v } = inputs;
  const taps = { [WEIGHTS.full[0]]: tensorNamed(inputs, LAYER_WEIGHTS.output.matrix) };
  return { mechanism, kind: convolutionKind, shape, causal, threads, inputs: { shape, q, k, v, ...taps } };
}

/** Rows whose whole window lies within a sequence: beyond its ends are zeros. Of an image all, by its border. */
export function comparedRows({ shape }: LayerProblem, { width, side }: Shifts): readonly RowPlace[] {
  const before = width === null ? Math.floor(side / 2) : 0;
  const after = width === null ? side - 1 - before : 0;
  return everyRow(shape).filter(({ row }) => row >= before && row + after < shape.length);
}

/** How far rows of a layer are off those of the convolution, both in float64. */
export interface OffConvolution {
  readonly rows: number;
  /** The largest difference of two numbers, and the largest number of the convolution. */
  readonly difference: number;
  readonly largest: number;
}

/** Compares a layer with the convolution that it is, over at most `most` rows, evenly spaced. */
export function offConvolution(problem: LayerProblem, shifts: Shifts, most: number): OffConvolution {
  const all = comparedRows(problem, shifts);
  const count = Math.min(most, all.length);
  const places = Array.from(
    { length: count },
    (_, at) => all[Math.floor((at * (all.length - 1)) / Math.max(1, count - 1))],
  );
  const convolution = convolutionOfLayer(problem, shifts);
  const made = problem.kind.oracle(problem).rows(places, float64);
  const expected = convolution.kind.oracle(convolution).rows(places, float64);
  let [difference, largest] = [0, 0];
  for (const [at, { values }] of expected.entries()) {
    for (const [c, value] of values.entries()) {
      difference = Math.max(difference, Math.abs(made[at].values[c] - value));
      largest = Math.max(largest, Math.abs(value));
    }
  }
  return { rows: places.length, difference, largest };
}
