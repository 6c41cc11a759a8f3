import type { Numbers } from "../../core/tensors.ts";
import { float64 } from "../oracle.ts";
import { roundedProducts } from "../rounded-products.ts";
import { channelFactor, horizonOf, type Reweighted, type Taylor, taylorChannels } from "./declare.ts";
import { longestRow } from "./oracle-features.ts";
import { outcome, type PairWeights, type WeighedHead } from "./weighed-head.ts";

/**
 * `1 + s + s²/2`, s the scaled product of query and key: what the features sum to, without the features.
 * Arora et al. 2024, arXiv 2402.18668, eq. 5.
 */
export function taylorWeights(head: WeighedHead, feature: Taylor): PairWeights {
  const { mechanism, q, k, headDim, queries, learned, round } = head;
  const channels = taylorChannels(feature, headDim);
  const factor = round(channelFactor(mechanism, headDim));
  const asked = new Float64Array(queries * channels);
  const askedSizes = new Float64Array(queries * channels);
  const askedErrors = new Float64Array(queries * channels);
  const values = new Float64Array(channels);
  const sizes = new Float64Array(channels);
  const errors = new Float64Array(channels);
  const x = new Float64Array(headDim);
  const longest = longestRow(learned, headDim);
  const [scores, scoreSizes, byQuery, byKey] = [0, 1, 2, 3].map(() => new Float64Array(queries));
  const made = outcome(queries);
  const roundings = 1 + Math.sqrt(channels);
  /** A row's channels, their sizes, and how far roundings of a projection may move them, in units of ε. */
  const take = (from: Numbers, at: number): void => {
    let squares = 0;
    for (let c = 0; c < headDim; c++) {
      x[c] = from[at + c];
      squares += x[c] * x[c];
    }
    if (feature.project === 0) values.set(x);
    else roundedProducts(learned, channels, headDim, x, values, round);
    const error = longest * Math.sqrt(squares) * factor;
    for (let c = 0; c < channels; c++) {
      values[c] = round(values[c] * factor);
      sizes[c] = Math.abs(values[c]);
      errors[c] = error;
    }
  };
  return {
    ...made,
    logarithmic: false,
    query(index, at) {
      take(q, at);
      asked.set(values, index * channels);
      askedSizes.set(sizes, index * channels);
      askedErrors.set(errors, index * channels);
    },
    key(at, _position, seen) {
      take(k, at);
      roundedProducts(asked, seen, channels, values, scores, round);
      roundedProducts(askedSizes, seen, channels, sizes, scoreSizes, float64);
      roundedProducts(askedErrors, seen, channels, sizes, byQuery, float64);
      roundedProducts(askedSizes, seen, channels, errors, byKey, float64);
      for (let index = 0; index < seen; index++) {
        const [score, size] = [scores[index], scoreSizes[index]];
        made.weights[index] = round(round(1 + score) + round(round(score * score) / 2));
        // Features may cancel in their sum; what moves a channel moves all features of it alike.
        const summed = roundings * (1 + size + (size * size) / 2);
        made.moved[index] = summed + (1 + Math.abs(score)) * (byQuery[index] + byKey[index]);
      }
    },
  };
}

/**
 * `relu(q)·relu(k) cos(π(i - j) / 2M)`: what the features sum to. Qin et al. 2022, arXiv 2202.08791, eq. 10.
 */
export function reweightedWeights(head: WeighedHead, feature: Reweighted): PairWeights {
  const { q, k, headDim, queries, length, round } = head;
  const perToken = Math.PI / 2 / horizonOf(feature, length);
  const asked = new Float64Array(queries * headDim);
  const present = new Float64Array(queries * headDim);
  const positions = new Float64Array(queries);
  const values = new Float64Array(headDim);
  const products = new Float64Array(queries);
  const made = outcome(queries);
  const roundings = 1 + Math.sqrt(2 * headDim);
  return {
    ...made,
    logarithmic: false,
    query(index, at, position) {
      for (let c = 0; c < headDim; c++) {
        asked[index * headDim + c] = Math.max(q[at + c], 0);
        present[index * headDim + c] = Number(q[at + c] > 0);
      }
      positions[index] = position;
    },
    key(at, position, seen) {
      for (let c = 0; c < headDim; c++) values[c] = Math.max(k[at + c], 0);
      roundedProducts(asked, seen, headDim, values, products, round);
      roundedProducts(present, seen, headDim, values, made.lost, float64);
      for (let index = 0; index < seen; index++) {
        const [own, other] = [positions[index] * perToken, position * perToken];
        made.weights[index] = round(products[index] * round(Math.cos(own - other)));
        // The two terms of cos(a - b) may cancel.
        const size = Math.abs(Math.cos(own) * Math.cos(other)) + Math.abs(Math.sin(own) * Math.sin(other));
        made.moved[index] = roundings * products[index] * size;
      }
    },
  };
}
