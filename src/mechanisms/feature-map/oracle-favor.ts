import type { Numbers } from "../../core/tensors.ts";
import { float64, sumsOf } from "../oracle.ts";
import { roundedProducts } from "../rounded-products.ts";
import { channelFactor, type Favor } from "./declare.ts";
import { longestRow } from "./oracle-features.ts";
import { outcome, type PairWeights, type WeighedHead } from "./weighed-head.ts";

/**
 * `ln Σ_r exp(w_r·q' + w_r·k' - |k'|²/2)`: |q'|² is the same for all keys of a row, and cancels. Sums of two
 * exponentials at a time are products, as long as their largest terms come together; where they are so far
 * apart that products would be lost, the terms are added as they are. Choromanski et al. 2020, arXiv
 * 2009.14794, lemma 1.
 */
export function favorWeights(head: WeighedHead, { features }: Favor): PairWeights {
  const { mechanism, q, k, headDim, queries, learned, round } = head;
  const within = sumsOf(round);
  const factor = round(channelFactor(mechanism, headDim));
  const longest = longestRow(learned, headDim);
  // A sum of n products accumulates √n roundings: Higham and Mary 2019, doi 10.1137/18M1226312.
  const roundings = 1 + Math.sqrt(features);
  const x = new Float64Array(headDim);
  const exponents = new Float64Array(queries * features);
  const powers = new Float64Array(queries * features);
  const largest = new Float64Array(queries);
  const sizes = new Float64Array(queries);
  const keyExponents = new Float64Array(features);
  const keyPowers = new Float64Array(features);
  const products = new Float64Array(queries);
  const made = outcome(queries);
  // In other precisions as in the coarser of the two.
  const least = round === float64 ? LEAST_PRODUCT.float64 : LEAST_PRODUCT.float32;

  /** Scales a row into `x`, and gives half its squared length. */
  const take = (from: Numbers, at: number): number => {
    let squares = 0;
    for (let c = 0; c < headDim; c++) {
      x[c] = round(from[at + c] * factor);
      squares = within(squares + within(x[c] * x[c]));
    }
    return squares / 2;
  };
  /** `exp(a - max a)` of the numbers of a row, and the largest of them. */
  const power = (row: Float64Array, to: Float64Array): number => {
    let most = Number.NEGATIVE_INFINITY;
    for (let r = 0; r < features; r++) if (!(row[r] <= most)) most = row[r];
    for (let r = 0; r < features; r++) to[r] = round(Math.exp(round(row[r] - most)));
    return most;
  };
  /** The logarithm of the sum of the terms of a pair. */
  const added = (index: number): number => {
    const from = index * features;
    let most = Number.NEGATIVE_INFINITY;
    for (let r = 0; r < features; r++) most = Math.max(most, round(exponents[from + r] + keyExponents[r]));
    let sum = 0;
    for (let r = 0; r < features; r++) {
      const exponent = round(exponents[from + r] + keyExponents[r]);
      sum = within(sum + round(Math.exp(round(exponent - most))));
    }
    return within(most + within(Math.log(sum)));
  };
  return {
    ...made,
    logarithmic: true,
    query(index, at) {
      const rowOf = (of: Float64Array) => of.subarray(index * features, (index + 1) * features);
      sizes[index] = longest * Math.sqrt(2 * take(q, at));
      roundedProducts(learned, features, headDim, x, rowOf(exponents), round);
      largest[index] = power(rowOf(exponents), rowOf(powers));
    },
    key(at, _position, seen) {
      const half = take(k, at);
      const size = roundings + longest * Math.sqrt(2 * half) + half;
      roundedProducts(learned, features, headDim, x, keyExponents, round);
      for (let r = 0; r < features; r++) keyExponents[r] = round(keyExponents[r] - half);
      const most = power(keyExponents, keyPowers);
      roundedProducts(powers, seen, features, keyPowers, products, round);
      for (let index = 0; index < seen; index++) {
        const product = products[index];
        made.weights[index] =
          product < least ? added(index) : within(within(largest[index] + most) + within(Math.log(product)));
        made.moved[index] = size + sizes[index];
        made.lost[index] = 0;
      }
    },
  };
}

/** Below this a sum of products may have lost terms that count. */
const LEAST_PRODUCT = { float64: 1e-290, float32: 1e-30 };
