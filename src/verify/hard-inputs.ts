import { type Dtype, formatOf, isReduced, USUAL_DTYPE } from "../core/dtype.ts";
import { type Layout, layoutOf, offsetIn, type Shape } from "../core/shape.ts";
import type { JudgedProblem } from "../mechanisms/judged.ts";
import { thenUndo } from "./then-undo.ts";

/** What is hard about numbers that a kernel must be right for. */
export type Hardness =
  /**
   * Scores lie as far apart as in trained models and further, past what `exp` takes in float32 (88) and
   * float64 (709).
   */
  | "large scores"
  /**
   * All scores of a row are so far below 0 that `exp` of each is 0 in float64, and lie some 8 apart; values
   * are large.
   */
  | "low scores"
  /** Keys are large where rows have no scores: what is made of each key alone must not overflow. */
  | "large keys"
  /** A query and a key are 0. */
  | "empty tokens";

const LARGE_SCORE = 1000;
const LOW_SCORE = 8;
const OFFSET = -800;
/**
 * Features of feature maps are stretched by this: beyond the range in which only approximations near 0 hold.
 */
const LARGE_FEATURES = 8;
/** Past what `exp` takes in float32, as large scores are. */
const LARGE_KEYS = 64;
/** In float16 a few of them must not add up to more than it has. */
const LARGE_VALUES = { float32: 2 ** 20, float16: 2 ** 8, bfloat16: 2 ** 20 } as const;
/** A number to be scaled back must not have overflowed. */
const MOST = 2 ** 100;

/**
 * Calls `act` while q, k and v are hard. A kernel that does not subtract the largest score, starts from 0 in
 * its place, drops small weights, or approximates only what is near 0, is then wrong. Null if the numbers are
 * already as hard, or not finite.
 */
export function whileHard<T>(problem: JudgedProblem, hardness: Hardness, act: () => T): T | null {
  const { mechanism, kind, shape, inputs, dtype = USUAL_DTYPE } = problem;
  const { q, k, v } = inputs;
  const whileScaled = <R>(tensor: Float32Array, wanted: number, during: () => R): R | null =>
    isReduced(dtype)
      ? whileScaledIn(dtype, tensor, wanted, during)
      : whileScaledExactly(tensor, wanted, during);
  // An infinite value that float32 weighs by 0 is NaN, and in float64 it is not.
  if (![q, k, v].every((tensor) => sizeOf(tensor) < MOST)) return null;
  const scale = kind.scoreScale(mechanism, shape.headDim);
  const product = sizeOf(q) * sizeOf(k) * Math.sqrt(shape.headDim);
  switch (hardness) {
    case "large scores": {
      const wanted = scale === null ? LARGE_FEATURES / sizeOf(q) : LARGE_SCORE / (product * scale);
      return wanted > 1 ? whileScaled(q, wanted, act) : null;
    }
    case "low scores": {
      if (scale === null || shape.headDim < 2) return null;
      // One channel gives every score the same offset, which cancels in exact arithmetic.
      const channel = formatOf(dtype).round(Math.sqrt(-OFFSET / scale));
      // Of a scale so small no product of two numbers of the dtype is large enough.
      if (isReduced(dtype) && !(channel ** 2 <= formatOf(dtype).most)) return null;
      return whileScaled(v, LARGE_VALUES[dtype], () =>
        whileScaled(q, LOW_SCORE / (product * scale), () =>
          whileChannel(q, shape.headDim, channel, () => whileChannel(k, shape.headDim, -channel, act)),
        ),
      );
    }
    case "large keys":
      return scale === null && sizeOf(k) < LARGE_KEYS ? whileScaled(k, LARGE_KEYS / sizeOf(k), act) : null;
    case "empty tokens":
      return whileEmpty(q, layoutOf(shape, "q"), () => whileEmpty(k, layoutOf(shape, "k"), act));
    default:
      return hardness satisfies never;
  }
}

/**
 * The least error of float32 on hard numbers, in units of an element's slack. With low scores the first
 * product is nearly all of a sum, so that each of the additions that follow rounds a number of that size: a
 * random walk, and two weights feel the difference. A float32 pass of few rows, each with one or two keys
 * that count, was seen to be twice as lucky as a kernel.
 */
export function leastRounding(hardness: Hardness, headDim: number): number {
  return hardness === "low scores" ? Math.sqrt(headDim / 6) : 0;
}

/** The query that is 0. */
export function emptyQuery({ queries }: Shape): number {
  return emptyRow(queries);
}

/** The key that is 0. */
export function emptyKey({ length }: Shape): number {
  return emptyRow(length);
}

/** The row of q, or of k, that is 0. */
function emptyRow(rows: number): number {
  return Math.floor(rows / 3);
}

/** Root mean square; NaN if one of them is. */
function sizeOf(tensor: Float32Array): number {
  let squares = 0;
  for (const x of tensor) squares += x * x;
  return Math.sqrt(squares / tensor.length);
}

/** By a power of two, if every number remains one of the dtype: then it can be undone exactly. */
function whileScaledIn<T>(dtype: Dtype, tensor: Float32Array, wanted: number, act: () => T): T | null {
  const { round, most } = formatOf(dtype);
  const factor = 2 ** Math.ceil(Math.log2(wanted));
  if (!(factor > 0 && factor < MOST)) return null;
  const isHeld = (x: number): boolean => round(x * factor) === x * factor && Math.abs(x * factor) <= most / 2;
  if (!tensor.every(isHeld)) return null;
  scaleBy(tensor, factor);
  return thenUndo(act, () => scaleBy(tensor, 1 / factor));
}

/** A power of two can be undone exactly. */
function whileScaledExactly<T>(tensor: Float32Array, wanted: number, act: () => T): T | null {
  const factor = 2 ** Math.ceil(Math.log2(wanted));
  if (!(factor > 0 && factor < MOST)) return null;
  const largest = tensor.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  if (!(largest * factor < MOST)) return null;
  const least = tensor.reduce((most, x) => (x === 0 ? most : Math.min(most, Math.abs(x))), largest);
  if (!(least * factor >= 2 ** -120 && least >= 2 ** -120)) return null;
  scaleBy(tensor, factor);
  return thenUndo(act, () => scaleBy(tensor, 1 / factor));
}

function scaleBy(tensor: Float32Array, factor: number): void {
  for (let at = 0; at < tensor.length; at++) tensor[at] *= factor;
}

function whileChannel<T>(tensor: Float32Array, headDim: number, value: number, act: () => T): T {
  const kept = Float32Array.from({ length: tensor.length / headDim }, (_, row) => tensor[row * headDim]);
  for (let row = 0; row < kept.length; row++) tensor[row * headDim] = value;
  return thenUndo(act, () => {
    for (let row = 0; row < kept.length; row++) tensor[row * headDim] = kept[row];
  });
}

/** Calls `act` while one token of every head is 0. */
function whileEmpty<T>(tensor: Float32Array, layout: Layout, act: () => T): T {
  const { batch, heads, rows, width } = layout;
  const token = emptyRow(rows);
  const starts = Array.from({ length: batch * heads }, (_, slice) => offsetIn(layout, 0, slice, token));
  const kept = starts.map((at) => tensor.slice(at, at + width));
  for (const at of starts) tensor.fill(0, at, at + width);
  return thenUndo(act, () => {
    for (const [index, at] of starts.entries()) tensor.set(kept[index], at);
  });
}
