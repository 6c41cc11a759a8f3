import type { Arithmetic } from "./arithmetic.ts";
import type { Attention } from "./attend.ts";

/** The weights of a row's keys, not yet divided. */
export interface AttendedRow {
  /** `exp(s - largest)` of each key, and what comes after them in the array. */
  readonly weights: Float64Array;
  /** Their sum. */
  readonly total: number;
  /** `ln Σ_j exp(s_j)`. */
  readonly logSum: number;
}

/** Scores the keys of a row, and weighs them by their scores, in an array that has room for them. */
export function weighedRow(
  attention: Attention,
  arithmetic: Arithmetic,
  row: number,
  list: ArrayLike<number>,
  weights: Float64Array,
): AttendedRow {
  const { round } = arithmetic;
  const count = list.length;
  score(attention, arithmetic, row, list, weights);
  let largest = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < count; at++) largest = Math.max(largest, weights[at]);
  for (let at = 0; at < count; at++) weights[at] -= largest;
  arithmetic.roundAll(weights, count);
  for (let at = 0; at < count; at++) weights[at] = Math.exp(weights[at]);
  arithmetic.roundAll(weights, count);
  const total = arithmetic.sum(weights, count);
  const logSum = count === 0 ? largest : round(largest + round(Math.log(total)));
  return { weights, total, logSum };
}

function score(
  { queries, keys, scale, bias }: Attention,
  arithmetic: Arithmetic,
  row: number,
  list: ArrayLike<number>,
  scores: Float64Array,
): void {
  const count = list.length;
  if (keys === null) {
    // Of a unit vector the query's own channel.
    if (queries !== null)
      for (let at = 0; at < count; at++) scores[at] = queries.data[row * queries.width + list[at]];
  } else if (queries === null) {
    for (let at = 0; at < count; at++) scores[at] = keys.data[list[at] * keys.width + row];
  } else {
    const { data: of, width } = keys;
    arithmetic.dots(queries.data, row * width, { of, width, list }, scores);
  }
  if (scale !== 1) {
    for (let at = 0; at < count; at++) scores[at] *= scale;
    arithmetic.roundAll(scores, count);
  }
  if (bias !== null) {
    for (let at = 0; at < count; at++) scores[at] += bias.data[list[at]];
    arithmetic.roundAll(scores, count);
  }
}
