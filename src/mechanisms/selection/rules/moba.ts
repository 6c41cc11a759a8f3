import type { Shape } from "../../../core/shape.ts";
import { pairFlops } from "../../../core/work.ts";
import { AT_ONCE } from "../../table-row.ts";
import { bestOf } from "../best-of.ts";
import { DATA_DEPENDENT } from "../data-dependent.ts";
import { choiceSpecs, type Moba } from "../declare.ts";
import type { RuleTruth, RuleWork } from "../rule.ts";
import { keyMeans } from "./means.ts";
import { between, upTo } from "./numbers.ts";
import { product, queryAt } from "./products.ts";

/** The query's own block, and the best others by the product of q with the mean of a block's keys, unscaled. */
export const moba: RuleTruth<Moba> = {
  causality: "either",
  keepsPrefixes: true,
  sumsToOne: true,
  work(rule, { shape, causal }) {
    let [pairs, gates] = [0, 0];
    for (let query = 0; query < shape.length; query++) {
      const row = rowOf(rule, shape.length, causal, query);
      pairs += row.pairs;
      gates += row.gates;
    }
    return workOf(shape, shape.length, gates, pairs);
  },
  table: ({ block, chosen }) => ({
    perLayer: {
      text: "N(c·B + N/B)d",
      letters: { c: chosen, B: block },
      at: ({ length, headDim }) => length * (Math.min(length, chosen * block) + length / block) * headDim,
    },
    sequential: AT_ONCE,
    path: DATA_DEPENDENT,
  }),
  step: {
    work(rule, shape, position) {
      const { pairs, gates } = rowOf(rule, shape.length, true, position);
      return workOf(shape, 1, gates, pairs);
    },
    keptTokens({ block, chosen }, length, position) {
      if (position >= length) return 0;
      return chosen === 1 ? position % block : position;
    },
    keeps: "keeps every key, and the mean of each block",
  },
  bind(rule, problem) {
    const { inputs, shape, causal } = problem;
    const { length } = inputs.shape;
    const { block } = rule;
    const means = keyMeans(problem, block);
    return bestOf(shape, {
      name: "blocks",
      one: "block",
      perRow: choiceSpecs(rule, shape).blocks.perRow,
      candidates(query) {
        const own = Math.floor(query / block);
        const all = upTo(causal ? own : Math.ceil(length / block)).filter((one) => one !== own);
        return { all, taken: Math.min(rule.chosen - 1, all.length) };
      },
      score(place, round) {
        const q = queryAt(inputs, place);
        const { values, sizes } = means(place, round);
        return (one) => product(q, values, one * q.length, sizes, round);
      },
      keys(query, chosen) {
        const own = Math.floor(query / block);
        const end = causal ? query + 1 : length;
        return [...chosen, own].flatMap((one) => between(one * block, Math.min((one + 1) * block, end)));
      },
    });
  },
};

/** What one query attends, and how many means it is compared with. Where a short block may be chosen, it is. */
function rowOf(
  { block, chosen }: Moba,
  length: number,
  causal: boolean,
  query: number,
): { readonly pairs: number; readonly gates: number } {
  const own = Math.floor(query / block);
  if (causal) return { pairs: Math.min(chosen - 1, own) * block + (query % block) + 1, gates: own };
  const blocks = Math.ceil(length / block);
  const ofLast = length - (blocks - 1) * block;
  const taken = Math.min(chosen - 1, blocks - 1);
  const isLast = own === blocks - 1;
  const others = taken * block - (taken > 0 && !isLast ? block - ofLast : 0);
  return { pairs: (isLast ? ofLast : block) + others, gates: blocks - 1 };
}

/** A mean adds every key to its block's, two operations a number. */
function workOf(shape: Shape, tokens: number, gates: number, pairs: number): RuleWork {
  const { headDim } = shape;
  return {
    pairs,
    selectFlops: 2 * headDim * (tokens + gates),
    attendFlops: pairFlops({ ...shape, batch: 1 }, pairs),
  };
}
