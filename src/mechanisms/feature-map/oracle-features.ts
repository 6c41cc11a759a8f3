import type { Numbers } from "../../core/tensors.ts";
import { float64, type Rounding, sumsOf } from "../oracle.ts";
import { roundedProducts } from "../rounded-products.ts";
import {
  type ChannelSoftmax,
  type Elementwise,
  featureCount,
  type Rolled,
  type Trigonometric,
} from "./declare.ts";
import { outcome, type PairWeights, type WeighedHead } from "./weighed-head.ts";

export type Explicit = Elementwise | Trigonometric | ChannelSoftmax | Rolled;

/**
 * Writes the features of a row that begins at `at` of `from`, and for each how far roundings of what goes
 * into it may move it, in units of ε and besides one rounding of itself.
 */
export type Features = (from: Numbers, at: number, values: Float64Array, moved: Float64Array) => void;

/** Whether features are sums of their own that roundings move: others are of one number each, or products of two. */
export function featuresMayMove({ kind }: Explicit): boolean {
  return kind === "trigonometric" || kind === "channel-softmax";
}

/** How many roundings a sum of n products accumulates, √n: Higham and Mary 2019, doi 10.1137/18M1226312. */
export function roundingsOf(count: number): number {
  return 1 + Math.sqrt(count);
}

/** Weights as sums over features. */
export function explicitWeights(head: WeighedHead, feature: Explicit): PairWeights {
  const { q, k, headDim, queries, round } = head;
  const count = featureCount(feature, headDim);
  const features = featuresOf(head, feature);
  const asked = { values: matrix(queries, count), sizes: matrix(queries, count) };
  const off = { moved: matrix(queries, count), present: matrix(queries, count) };
  const values = new Float64Array(count);
  const sizes = new Float64Array(count);
  const moved = new Float64Array(count);
  const made = outcome(queries);
  const [ofSizes, ofKey, ofQuery] = [0, 1, 2].map(() => new Float64Array(queries));
  const roundings = roundingsOf(count);
  const mayMove = featuresMayMove(feature);
  return {
    ...made,
    logarithmic: false,
    query(index, at) {
      const rowOf = (of: Float64Array) => of.subarray(index * count, (index + 1) * count);
      features(q, at, rowOf(asked.values), rowOf(off.moved));
      rowOf(asked.sizes).set(rowOf(asked.values).map(Math.abs));
      rowOf(off.present).set(rowOf(asked.values).map((value) => Number(value !== 0)));
    },
    key(at, _position, seen) {
      features(k, at, values, moved);
      roundedProducts(asked.values, seen, count, values, made.weights, round);
      // How far roundings move a row is asked of the exact one alone.
      if (round !== float64) return;
      for (let r = 0; r < count; r++) sizes[r] = Math.abs(values[r]);
      roundedProducts(asked.sizes, seen, count, sizes, ofSizes, float64);
      if (mayMove) {
        roundedProducts(asked.sizes, seen, count, moved, ofKey, float64);
        roundedProducts(off.moved, seen, count, sizes, ofQuery, float64);
      }
      roundedProducts(off.present, seen, count, sizes, made.lost, float64);
      for (let index = 0; index < seen; index++) {
        made.moved[index] = roundings * ofSizes[index] + ofKey[index] + ofQuery[index];
      }
    },
  };
}

function matrix(rows: number, columns: number): Float64Array {
  return new Float64Array(rows * columns);
}

/** The features of rows. */
export function featuresOf(head: WeighedHead, feature: Explicit): Features {
  const { headDim, learned, round } = head;
  switch (feature.kind) {
    case undefined:
      return elementwiseFeatures(feature, headDim, round);
    case "trigonometric":
      return trigonometricFeatures(feature, learned, headDim, round);
    case "channel-softmax":
      return softmaxFeatures(headDim, round);
    case "rolled":
      return rolledFeatures(feature, headDim, round);
    default:
      return feature satisfies never;
  }
}

function elementwiseFeatures({ phi }: Elementwise, headDim: number, round: Rounding): Features {
  return (from, at, values) => {
    for (let c = 0; c < headDim; c++) values[c] = round(phi(from[at + c]));
  };
}

/** `D^-½ [sin(W x̂), cos(W x̂)]`: Peng et al. 2021, arXiv 2103.02143, eq. 5, on rows of length 1. */
function trigonometricFeatures(
  { features }: Trigonometric,
  learned: Float64Array,
  headDim: number,
  round: Rounding,
): Features {
  const unit = new Float64Array(headDim);
  const angles = new Float64Array(features);
  const longest = longestRow(learned, headDim);
  const within = sumsOf(round);
  const factor = round(1 / Math.sqrt(features));
  return (from, at, values, moved) => {
    let squares = 0;
    for (let c = 0; c < headDim; c++) squares = within(squares + within(from[at + c] * from[at + c]));
    const length = round(Math.sqrt(within(squares + UNIT_EPSILON)));
    let exact = 0;
    for (let c = 0; c < headDim; c++) {
      unit[c] = round(from[at + c] / length);
      exact += unit[c] * unit[c];
    }
    // Terms of an angle sum to no more than this, before anything cancels.
    const size = longest * Math.sqrt(exact);
    roundedProducts(learned, features, headDim, unit, angles, round);
    for (let r = 0; r < features; r++) {
      const [sine, cosine] = [Math.sin(angles[r]), Math.cos(angles[r])];
      values[r] = round(round(sine) * factor);
      values[features + r] = round(round(cosine) * factor);
      moved[r] = size * factor * Math.abs(cosine);
      moved[features + r] = size * factor * Math.abs(sine);
    }
  };
}

/** What is added to the squared length of a row. */
export const UNIT_EPSILON = 1e-6;

/** The length of the longest row. */
export function longestRow(rows: Float64Array, width: number): number {
  let longest = 0;
  for (let from = 0; from < rows.length; from += width) {
    longest = Math.max(longest, Math.hypot(...rows.subarray(from, from + width)));
  }
  return longest;
}

/** `[softmax(x), softmax(-x)]` over channels: Zhang et al. 2024, arXiv 2402.04347. */
function softmaxFeatures(headDim: number, round: Rounding): Features {
  const within = sumsOf(round);
  return (from, at, values, moved) => {
    for (const [start, sign] of [
      [0, 1],
      [headDim, -1],
    ]) {
      let largest = Number.NEGATIVE_INFINITY;
      for (let c = 0; c < headDim; c++) largest = Math.max(largest, sign * from[at + c]);
      let total = 0;
      for (let c = 0; c < headDim; c++) {
        const weight = round(Math.exp(round(sign * from[at + c] - largest)));
        values[start + c] = weight;
        total = within(total + weight);
      }
      for (let c = 0; c < headDim; c++) {
        values[start + c] = round(values[start + c] / total);
        moved[start + c] = values[start + c] * (largest - sign * from[at + c]);
      }
    }
  };
}

/** `r ⊙ roll(r, t)` for t = 1 … rolls, r = [relu(x), relu(-x)]: Schlag et al. 2021, arXiv 2102.11174, eq. 37. */
function rolledFeatures({ rolls }: Rolled, headDim: number, round: Rounding): Features {
  const width = 2 * headDim;
  const rectified = new Float64Array(width);
  return (from, at, values) => {
    for (let c = 0; c < headDim; c++) {
      rectified[c] = Math.max(from[at + c], 0);
      rectified[headDim + c] = Math.max(-from[at + c], 0);
    }
    for (let roll = 1; roll <= rolls; roll++) {
      for (let c = 0; c < width; c++) {
        const other = (((c - roll) % width) + width) % width;
        values[(roll - 1) * width + c] = round(rectified[c] * rectified[other]);
      }
    }
  };
}
