import { FLOAT32_EPSILON } from "../../../core/error-budget.ts";
import type { Numbers } from "../../../core/tensors.ts";
import { sumsOf } from "../../oracle.ts";
import { roundedProducts } from "../../rounded-products.ts";
import { channelFactor, type Favor } from "../declare.ts";
import type { WeighedHead } from "../weighed-head.ts";
import { projectedBack } from "./learned-back.ts";
import { rowsMade } from "./rows-made.ts";
import { type PairSlope, type Slopes, uncertain } from "./slope.ts";

/**
 * Of `ln Σ_r exp(a_r + b_r)` by the exponents `a_r = w_r·q'` and `b_r = w_r·k' - |k'|²/2`: the share of each feature in the
 * weight of the pair. Weights are shares of their row, whatever maxima a kernel subtracts: those have no gradient.
 */
export function favorSlopes(head: WeighedHead, { features: width }: Favor): Slopes {
  const { mechanism, q, k, headDim, queries, learned, round } = head;
  const within = sumsOf(round);
  const factor = round(channelFactor(mechanism, headDim));
  const asked = rowsMade(queries, width);
  const exponents = new Float64Array(width);
  const shares = uncertain(width);
  const x = new Float64Array(headDim);
  const pair: PairSlope = { factor: 1, size: 1, moved: 0, ofQuery: shares, ofKey: shares };
  /** Scales a row into `x`, and gives half its squared length. */
  const take = (from: Numbers, at: number): number => {
    let squares = 0;
    for (let c = 0; c < headDim; c++) {
      x[c] = round(from[at + c] * factor);
      squares = within(squares + within(x[c] * x[c]));
    }
    return squares / 2;
  };
  return {
    width,
    query(index, at) {
      take(q, at);
      roundedProducts(learned, width, headDim, x, asked[index].values, round);
    },
    key(at) {
      const half = take(k, at);
      roundedProducts(learned, width, headDim, x, exponents, round);
      for (let r = 0; r < width; r++) exponents[r] = round(exponents[r] - half);
    },
    pair(index, weight) {
      const { values } = asked[index];
      for (let r = 0; r < width; r++) {
        shares.values[r] = round(Math.exp(round(round(values[r] + exponents[r]) - weight)));
      }
      return pair;
    },
    back(of, from, at, isKey) {
      take(from, at);
      const to = projectedBack(learned, of, headDim, round);
      const [sum, moved] = [of.values, of.moved].map((some) =>
        some.reduce((all, one) => within(all + one), 0),
      );
      const sizes = of.values.reduce((all, one) => all + Math.abs(one), 0);
      for (let c = 0; c < headDim; c++) {
        if (isKey) {
          to.values[c] = round(to.values[c] - round(sum * x[c]));
          to.moved[c] += (moved + 2 * FLOAT32_EPSILON * sizes) * Math.abs(x[c]);
        }
        to.values[c] = round(factor * to.values[c]);
        to.moved[c] = factor * to.moved[c] + FLOAT32_EPSILON * Math.abs(to.values[c]);
      }
      return to;
    },
    learn: null,
  };
}
