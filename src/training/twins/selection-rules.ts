import type { Moba, Rule, TopK } from "../../mechanisms/selection/declare.ts";
import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";
import type { TwinInputs } from "./twin.ts";

/** The rules by which each query takes the best of some candidates, keys or blocks of them. */
export type BestRule = TopK | Moba;

/** Whether twins of a rule are written. */
export function isBestRule(rule: Rule): rule is BestRule {
  return rule.id === "top-k" || rule.id === "moba";
}

/** A rule over so many keys. */
export interface Best {
  /** The name of what is chosen. */
  readonly name: string;
  readonly candidates: number;
  /** How many a query takes, if it may choose among as many. */
  readonly taken: number;
  isEligible(query: number, candidate: number): boolean;
  /** How good each candidate is, `[batch, heads, queries, candidates]`; `products` are q·k of all pairs. */
  scores(inputs: TwinInputs, products: Tensor): Tensor;
  /** The keys that a query attends, 1 for each, of the candidates that it chose. */
  attended(chosen: Tensor): Tensor;
}

/** A rule over a sequence. */
export function bestOf(arrays: Arrays, rule: BestRule, length: number, causal: boolean): Best {
  const isSeen = (query: number, key: number): boolean => !causal || key <= query;
  if (rule.id === "top-k") {
    return {
      name: "keys",
      candidates: length,
      taken: rule.keys,
      isEligible: isSeen,
      scores: (_inputs, products) => products,
      attended: (chosen) => chosen,
    };
  }
  const { block } = rule;
  const blocks = Math.ceil(length / block);
  const blockOf = (token: number): number => Math.floor(token / block);
  const sizeOf = (one: number): number => Math.min(block, length - one * block);
  return {
    name: "blocks",
    candidates: blocks,
    taken: rule.chosen - 1,
    // Its own block a query attends anyway.
    isEligible: (query, one) => one !== blockOf(query) && (!causal || one < blockOf(query)),
    scores({ q, k }) {
      const means = arrays.matrix(blocks, length, (one, key) => (blockOf(key) === one ? 1 / sizeOf(one) : 0));
      return q.matmul(means.matmul(k).transposed());
    },
    attended(chosen) {
      const keys = arrays.matrix(blocks, length, (one, key) => (blockOf(key) === one ? 1 : 0));
      const own = arrays.matrix(length, length, (query, key) =>
        blockOf(query) === blockOf(key) && isSeen(query, key) ? 1 : 0,
      );
      return chosen.matmul(keys).add(own);
    },
  };
}
