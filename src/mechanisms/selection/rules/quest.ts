import type { Shape } from "../../../core/shape.ts";
import type { Numbers } from "../../../core/tensors.ts";
import { pairFlops } from "../../../core/work.ts";
import type { Rounding } from "../../oracle.ts";
import type { PairScore } from "../../softmax-pattern/oracle-scores.ts";
import { AT_ONCE } from "../../table-row.ts";
import { bestOf } from "../best-of.ts";
import { DATA_DEPENDENT } from "../data-dependent.ts";
import { choiceSpecs, type Quest } from "../declare.ts";
import type { RuleTruth, RuleWork } from "../rule.ts";
import { between, upTo } from "./numbers.ts";
import { keysOf, queryAt } from "./products.ts";

/** The pages whose keys could have the largest products with q, by what is least and most in each channel so far. */
export const quest: RuleTruth<Quest> = {
  causality: "always",
  keepsPrefixes: true,
  sumsToOne: true,
  work(rule, { shape }) {
    let [pairs, bounds] = [0, 0];
    for (let query = 0; query < shape.length; query++) {
      pairs += pairsOf(rule, query);
      bounds += pagesOf(rule, query);
    }
    return workOf(shape, bounds, pairs);
  },
  table: ({ page, pages }) => ({
    perLayer: {
      text: "N(c·B + N/B)d",
      letters: { c: pages, B: page },
      at: ({ length, headDim }) => length * (Math.min(length, pages * page) + length / page) * headDim,
    },
    sequential: AT_ONCE,
    path: DATA_DEPENDENT,
  }),
  step: {
    work: (rule, shape, position) => workOf(shape, pagesOf(rule, position), pairsOf(rule, position)),
    keptTokens: (_rule, length, position) => (position < length ? position : 0),
    keeps: "keeps every key, and what is least and most in each page",
  },
  bind(rule, { inputs, shape }) {
    const { page } = rule;
    return bestOf(shape, {
      name: "pages",
      one: "page",
      perRow: choiceSpecs(rule, shape).pages.perRow,
      candidates(query) {
        const all = upTo(pagesOf(rule, query));
        return { all, taken: Math.min(rule.pages, all.length) };
      },
      score(place, round) {
        const [q, k] = [queryAt(inputs, place), keysOf(inputs, place)];
        return (one) => bound(q, k, one * page, Math.min((one + 1) * page, place.row + 1), round);
      },
      keys: (query, chosen) =>
        chosen.flatMap((one) => between(one * page, Math.min((one + 1) * page, query + 1))),
    });
  },
};

/** Pages that hold keys up to a query's own. */
function pagesOf({ page }: Quest, query: number): number {
  return Math.floor(query / page) + 1;
}

/** Keys that a query attends, if the page that is being filled is among those taken. */
function pairsOf(rule: Quest, query: number): number {
  return (Math.min(rule.pages, pagesOf(rule, query)) - 1) * rule.page + (query % rule.page) + 1;
}

/** Two products and a sum for each channel of a bound. */
function workOf(shape: Shape, bounds: number, pairs: number): RuleWork {
  return {
    pairs,
    selectFlops: 3 * shape.headDim * bounds,
    attendFlops: pairFlops({ ...shape, batch: 1 }, pairs),
  };
}

/** `Σ_c max(q_c min_c, q_c max_c)` over keys `from … to - 1`. */
function bound(q: Numbers, k: Numbers, from: number, to: number, round: Rounding): PairScore {
  let value = 0;
  let size = 0;
  for (let c = 0; c < q.length; c++) {
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let key = from; key < to; key++) {
      least = Math.min(least, k[key * q.length + c]);
      most = Math.max(most, k[key * q.length + c]);
    }
    const term = Math.max(round(q[c] * least), round(q[c] * most));
    value = round(value + term);
    size += Math.abs(term);
  }
  return { value, size };
}
