import type { Shape } from "../../../core/shape.ts";
import { constant } from "../../../core/table-one.ts";
import { fullPairs } from "../../../core/work.ts";
import { AT_ONCE } from "../../table-row.ts";
import { bestOf } from "../best-of.ts";
import { choiceSpecs, type TopK } from "../declare.ts";
import type { RuleTruth, RuleWork } from "../rule.ts";
import { upTo } from "./numbers.ts";
import { keysOf, product, queryAt } from "./products.ts";

/** The best keys by q·k; equal ones are taken in order. Scores are those of the softmax as well, and count once. */
export const topK: RuleTruth<TopK> = {
  causality: "either",
  keepsPrefixes: true,
  sumsToOne: true,
  work({ keys }, { shape, causal }) {
    const { length } = shape;
    const some = Math.min(keys, length);
    // Early rows have fewer keys than they may take.
    const pairs = causal ? (some * (some + 1)) / 2 + (length - some) * some : some * length;
    return workOf(shape, fullPairs(shape, causal), pairs);
  },
  table: (_rule, causal) => ({
    perLayer: {
      text: "N²d",
      at: ({ length, headDim }) => fullPairs({ length, queries: length }, causal) * headDim,
    },
    sequential: AT_ONCE,
    path: [constant(1, "any key may be chosen")],
  }),
  step: {
    work: ({ keys }, shape, position) => workOf(shape, position + 1, Math.min(keys, position + 1)),
    keptTokens: (_rule, length, position) => (position < length ? position : 0),
    keeps: "keeps every key",
  },
  bind(rule, { inputs, shape, causal }) {
    return bestOf(shape, {
      name: "keys",
      one: "key",
      perRow: choiceSpecs(rule, shape).keys.perRow,
      candidates(query) {
        const count = causal ? query + 1 : inputs.shape.length;
        return { all: upTo(count), taken: Math.min(rule.keys, count) };
      },
      score(place, round) {
        const [q, k] = [queryAt(inputs, place), keysOf(inputs, place)];
        return (key) => product(q, k, key * q.length, null, round);
      },
      keys: (_query, chosen) => chosen,
    });
  },
};

function workOf({ headDim, valueDim }: Shape, scored: number, pairs: number): RuleWork {
  return { pairs, selectFlops: 2 * headDim * scored, attendFlops: 2 * valueDim * pairs };
}
