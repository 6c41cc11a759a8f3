import type { Numbers } from "../../core/tensors.ts";
import { type Rounding, sumsOf } from "../oracle.ts";

/**
 * Sums over keys of one head, channel by channel, relative to the largest logit so far: what a row is made of,
 * and how far float32 may be off in it.
 */
export interface ChannelSums {
  /** The largest logit; below every number before the first key, so that a key of -∞ weighs nothing. */
  readonly largest: Float64Array;
  /** `Σ e^{l_j - largest} v_j` and `Σ e^{l_j - largest}`. */
  readonly weighted: Float64Array;
  readonly total: Float64Array;
  /** The former of `|v_j|`. */
  readonly magnitude: Float64Array;
  /** The sums of weighted `|v_j|`, and of weights, each times what its logit may be off by, in units of ε. */
  readonly offWeighted: Float64Array;
  readonly offTotal: Float64Array;
}

const EMPTY = -Number.MAX_VALUE;

export function emptySums(channels: number): ChannelSums {
  const zeros = (): Float64Array => new Float64Array(channels);
  return {
    largest: zeros().fill(EMPTY),
    weighted: zeros(),
    total: zeros(),
    magnitude: zeros(),
    offWeighted: zeros(),
    offTotal: zeros(),
  };
}

export function copySums(sums: ChannelSums): ChannelSums {
  return {
    largest: sums.largest.slice(),
    weighted: sums.weighted.slice(),
    total: sums.total.slice(),
    magnitude: sums.magnitude.slice(),
    offWeighted: sums.offWeighted.slice(),
    offTotal: sums.offTotal.slice(),
  };
}

/** A bias, and the sum of its terms before anything cancels. */
export interface KeyBias {
  readonly value: number;
  readonly size: number;
}

/** Adds the key and the value that begin at a place; without a bias its logits are k itself, which nothing rounds. */
export function addKey(
  sums: ChannelSums,
  k: Numbers,
  v: Numbers,
  at: number,
  bias: KeyBias | null,
  round: Rounding,
): void {
  const { largest, weighted, total, magnitude, offWeighted, offTotal } = sums;
  const within = sumsOf(round);
  for (let c = 0; c < largest.length; c++) {
    const key = k[at + c];
    const logit = bias === null ? key : round(key + bias.value);
    const size = bias === null ? 0 : Math.abs(key) + bias.size;
    if (!(logit <= largest[c])) raise(sums, c, logit, round);
    const below = round(logit - largest[c]);
    const weight = round(Math.exp(below));
    const value = v[at + c];
    const product = within(weight * value);
    const off = weight === 0 ? 0 : weight * (size - below);
    weighted[c] = within(weighted[c] + product);
    total[c] = within(total[c] + weight);
    magnitude[c] += Math.abs(product);
    offWeighted[c] += off * Math.abs(value);
    offTotal[c] += off;
  }
}

/** Adds the sums of other keys. */
export function addSums(sums: ChannelSums, others: ChannelSums, rounding: Rounding): void {
  const round = sumsOf(rounding);
  for (let c = 0; c < sums.largest.length; c++) {
    if (others.total[c] === 0 && others.weighted[c] === 0) continue;
    if (!(others.largest[c] <= sums.largest[c])) raise(sums, c, others.largest[c], round);
    const below = round(others.largest[c] - sums.largest[c]);
    const weight = round(Math.exp(below));
    sums.weighted[c] = round(sums.weighted[c] + round(weight * others.weighted[c]));
    sums.total[c] = round(sums.total[c] + round(weight * others.total[c]));
    sums.magnitude[c] += weight * others.magnitude[c];
    sums.offWeighted[c] += weight * (others.offWeighted[c] - below * others.magnitude[c]);
    sums.offTotal[c] += weight * (others.offTotal[c] - below * others.total[c]);
  }
}

/** Makes the sums of a channel relative to a larger logit. */
function raise(sums: ChannelSums, c: number, logit: number, rounding: Rounding): void {
  const round = sumsOf(rounding);
  const before = sums.largest[c];
  sums.largest[c] = logit;
  if (before === EMPTY) return;
  const further = round(logit - before);
  const factor = round(Math.exp(-further));
  sums.weighted[c] = round(sums.weighted[c] * factor);
  sums.offWeighted[c] = factor * (sums.offWeighted[c] + further * sums.magnitude[c]);
  sums.offTotal[c] = factor * (sums.offTotal[c] + further * sums.total[c]);
  sums.total[c] = round(sums.total[c] * factor);
  sums.magnitude[c] *= factor;
}
