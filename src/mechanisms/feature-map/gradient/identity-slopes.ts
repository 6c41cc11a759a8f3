import { FLOAT32_EPSILON } from "../../../core/error-budget.ts";
import type { Numbers } from "../../../core/tensors.ts";
import { sumsOf } from "../../oracle.ts";
import { roundedProducts } from "../../rounded-products.ts";
import { channelFactor, horizonOf, type Reweighted, type Taylor, taylorChannels } from "../declare.ts";
import { longestRow } from "../oracle-features.ts";
import type { WeighedHead } from "../weighed-head.ts";
import { projectedBack } from "./learned-back.ts";
import { rowsMade } from "./rows-made.ts";
import { type Made, type PairSlope, type Slopes, uncertain } from "./slope.ts";

/** Of `1 + s + s²/2` by the product s of a query and a key: `1 + s`, times the other's channels. */
export function taylorSlopes(head: WeighedHead, feature: Taylor): Slopes {
  const { mechanism, q, k, headDim, queries, learned, round } = head;
  const within = sumsOf(round);
  const width = taylorChannels(feature, headDim);
  const factor = round(channelFactor(mechanism, headDim));
  const longest = longestRow(learned, headDim);
  const asked = rowsMade(queries, width);
  const key = uncertain(width);
  const x = new Float64Array(headDim);
  const pair: PairSlope = { factor: 1, size: 1, moved: 0, ofQuery: key, ofKey: key };
  const isProjected = feature.project > 0;
  const roundings = 1 + Math.sqrt(width);
  const make = (from: Numbers, at: number, { values, moved }: Made): void => {
    for (let c = 0; c < headDim; c++) x[c] = from[at + c];
    const size = longest * Math.hypot(...x) * factor;
    if (isProjected) roundedProducts(learned, width, headDim, x, values, round);
    else values.set(x);
    for (let c = 0; c < width; c++) {
      values[c] = round(values[c] * factor);
      moved[c] = FLOAT32_EPSILON * (size + Math.abs(values[c]));
    }
  };
  const scaled = (of: Made): Made => ({
    values: of.values.map((value) => round(value * factor)),
    moved: of.moved.map((moved) => moved * factor),
  });
  return {
    width,
    query: (index, at) => make(q, at, asked[index]),
    key: (at) => make(k, at, key),
    pair(index) {
      const own = asked[index];
      let [score, size, moved] = [0, 0, 0];
      for (let c = 0; c < width; c++) {
        const product = own.values[c] * key.values[c];
        score = within(score + within(product));
        size += Math.abs(product);
        moved += own.moved[c] * Math.abs(key.values[c]) + key.moved[c] * Math.abs(own.values[c]);
      }
      pair.factor = round(1 + score);
      pair.size = 1 + size;
      pair.moved = moved + FLOAT32_EPSILON * roundings * (1 + size);
      pair.ofKey = own;
      return pair;
    },
    back: (of) => (isProjected ? projectedBack(learned, scaled(of), headDim, round) : scaled(of)),
    learn: isProjected
      ? (of, from, at, to) => {
          const { values, moved } = scaled(of);
          for (let row = 0; row < width; row++) {
            for (let c = 0; c < headDim; c++) {
              const [index, own] = [row * headDim + c, from[at + c]];
              to.values[index] = within(to.values[index] + within(values[row] * own));
              to.moved[index] += (moved[row] + 2 * FLOAT32_EPSILON * Math.abs(values[row])) * Math.abs(own);
            }
          }
        }
      : null,
  };
}

/** Of `relu(q)·relu(k) cos(π(i - j) / 2M)`: the cosine, times the other's channels. */
export function reweightedSlopes(head: WeighedHead, feature: Reweighted): Slopes {
  const { q, k, headDim: width, length, queries, round } = head;
  const perToken = Math.PI / 2 / horizonOf(feature, length);
  const asked = rowsMade(queries, width);
  const key = uncertain(width);
  const angles = new Float64Array(queries);
  let keyAngle = 0;
  const pair: PairSlope = { factor: 1, size: 1, moved: 0, ofQuery: key, ofKey: key };
  const make = (from: Numbers, at: number, { values, moved }: Made): void => {
    for (let c = 0; c < width; c++) {
      values[c] = Math.max(from[at + c], 0);
      moved[c] = FLOAT32_EPSILON * values[c];
    }
  };
  return {
    width,
    query(index, at, position) {
      make(q, at, asked[index]);
      angles[index] = position * perToken;
    },
    key(at, position) {
      make(k, at, key);
      keyAngle = position * perToken;
    },
    pair(index) {
      const own = angles[index];
      pair.factor = round(Math.cos(own - keyAngle));
      // The two terms of cos(a - b) may cancel.
      pair.size = Math.abs(Math.cos(own) * Math.cos(keyAngle)) + Math.abs(Math.sin(own) * Math.sin(keyAngle));
      pair.moved = 2 * FLOAT32_EPSILON * pair.size;
      pair.ofKey = asked[index];
      return pair;
    },
    back(of, from, at) {
      const isOpen = (c: number): boolean => from[at + c] > 0;
      return {
        values: of.values.map((value, c) => (isOpen(c) ? value : 0)),
        moved: of.moved.map((moved, c) => (isOpen(c) ? moved : 0)),
      };
    },
    learn: null,
  };
}
