import { pairFlops } from "../../../core/work.ts";
import type { GradientKind } from "../../gradient/gradient-kind.ts";
import { writtenBytes } from "../../gradient/written.ts";
import { disturbedPaths } from "../../swept-heads.ts";
import type { Selection } from "../declare.ts";
import { truthOf } from "../rules/index.ts";
import { selectionGradientOracle } from "./oracle.ts";

/** What scoring and sorting a token that may be chosen takes, in products of the gradients: measured, for `top-k`. */
const CHOOSING = 1.6;

/** The gradient of attention over chosen keys, through the keys as they were chosen. */
export const selectionGradient: GradientKind<Selection> = {
  through: () => "through the chosen keys",
  also: ({ rule }) => (rule.id === "nsa" ? Object.keys(truthOf(rule).inputs?.(rule) ?? {}) : []),
  // Queries are the keys as well.
  sumsQueries: ({ rule }) => rule.id === "reformer",
  oracle: selectionGradientOracle,
  // Two products of a pair for each of the forward pass; what was chosen is known.
  work({ mechanism: { rule }, shape, causal }) {
    const { pairs, attendFlops } = truthOf(rule).work(rule, { shape, causal });
    return { pairs, usefulFlops: 2 * shape.batch * shape.heads * attendFlops };
  },
  leastWork(task) {
    const { mechanism, shape, causal } = task;
    const { rule } = mechanism;
    const { pairs: expected, fewestPairs: pairs = expected } = truthOf(rule).work(rule, { shape, causal });
    // The weight of a single key is 1, and the gradients of a row's logits add up to 0.
    const several = Math.max(0, pairs - shape.queries);
    return { flops: 2 * shape.heads * pairFlops(shape, several), bytes: writtenBytes(task) };
  },
  // Of each query that dout reaches the scores and dout times its values, exactly and in each try; every query chooses, from
  // as many as there are at most.
  oracleProducts: ({ heads, length, headDim, usefulFlops, along = heads * length }) =>
    (along * (1 + disturbedPaths(headDim)) * usefulFlops) / 2 + CHOOSING * heads * length * length * headDim,
};
