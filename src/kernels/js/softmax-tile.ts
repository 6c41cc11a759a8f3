import type { TileMaskWords } from "../walk-schedule.ts";

/**
 * The online softmax of one tile of scores. `scores` `[rows, KEYS]` become weights `exp(score - maximum)`; a
 * row's sum and output are rescaled only if its maximum moved. Milakov and Gimelshein 2018, arXiv
 * 1805.02867, algorithm 3.
 */
export interface RowState {
  /** Running maximum of each row's scores; -∞ while a row has no key, `LEAST` while all its scores are -∞. */
  readonly maximum: Float64Array;
  /** Running sum of each row's weights. */
  readonly total: Float64Array;
  /** Unnormalised output, `[rows, valueDim]`. */
  readonly output: Float64Array;
}

/**
 * Below every score but -∞: subtracted from -∞ it gives -∞, and so weight 0; -∞ itself would give NaN.
 */
const LEAST = -Number.MAX_VALUE;

/** All keys attended. */
export function softmaxFull(
  scores: Float64Array,
  stride: number,
  rows: number,
  keys: number,
  state: RowState,
  valueDim: number,
): void {
  for (let row = 0; row < rows; row++) {
    const at = row * stride;
    let maximum = Math.max(state.maximum[row], LEAST);
    for (let key = 0; key < keys; key++) if (scores[at + key] > maximum) maximum = scores[at + key];
    raiseMaximum(state, row, maximum, valueDim);
    let sum = 0;
    for (let key = 0; key < keys; key++) {
      const weight = Math.exp(scores[at + key] - maximum);
      scores[at + key] = weight;
      sum += weight;
    }
    state.total[row] += sum;
  }
}

/** Only the keys that the mask has; the others get weight 0, whatever their score. */
export function softmaxMasked(
  scores: Float64Array,
  stride: number,
  rows: number,
  keys: number,
  state: RowState,
  valueDim: number,
  mask: TileMaskWords,
): void {
  for (let row = 0; row < rows; row++) {
    const at = row * stride;
    let maximum = state.maximum[row];
    if (mask.attendsAny(row)) maximum = Math.max(maximum, LEAST);
    for (let key = 0; key < keys; key++) {
      if (mask.attends(row, key) && scores[at + key] > maximum) maximum = scores[at + key];
    }
    raiseMaximum(state, row, maximum, valueDim);
    let sum = 0;
    for (let key = 0; key < keys; key++) {
      const weight = mask.attends(row, key) ? Math.exp(scores[at + key] - maximum) : 0;
      scores[at + key] = weight;
      sum += weight;
    }
    state.total[row] += sum;
  }
}

function raiseMaximum(state: RowState, row: number, maximum: number, valueDim: number): void {
  const before = state.maximum[row];
  if (maximum === before) return;
  state.maximum[row] = maximum;
  // From -∞ there is nothing to rescale.
  if (before === Number.NEGATIVE_INFINITY) return;
  const factor = Math.exp(before - maximum);
  state.total[row] *= factor;
  const at = row * valueDim;
  for (let i = 0; i < valueDim; i++) state.output[at + i] *= factor;
}
