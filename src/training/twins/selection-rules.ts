import {
  type Moba,
  NSA_FORCED,
  type Nsa,
  type Quest,
  type Rule,
  type TopK,
} from "../../mechanisms/selection/declare.ts";
import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";
import type { TwinInputs } from "./twin.ts";

/** The rules by which each query takes the best of some candidates, keys or blocks of them. */
export type BestRule = TopK | Moba | Quest | Nsa;

/** Whether twins of a rule are written. */
export function isBestRule(rule: Rule): rule is BestRule {
  return rule.id !== "reformer" && rule.id !== "routing";
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
  if (rule.id === "nsa") return bestOfMeans(arrays, rule, length);
  return rule.id === "moba" ? bestBlocks(arrays, rule, length, isSeen) : bestPages(arrays, rule, length);
}

function bestBlocks(
  arrays: Arrays,
  { block, chosen: count }: Moba,
  length: number,
  isSeen: (query: number, key: number) => boolean,
): Best {
  const blocks = Math.ceil(length / block);
  const blockOf = (token: number): number => Math.floor(token / block);
  return {
    name: "blocks",
    candidates: blocks,
    taken: count - 1,
    // Its own block a query attends anyway.
    isEligible: (query, one) => one !== blockOf(query) && isSeen(query, one * block),
    scores: ({ q, k }) => q.matmul(blockMeans(arrays, k, block).transposed()),
    attended(chosen) {
      const keys = arrays.matrix(blocks, length, (one, key) => (blockOf(key) === one ? 1 : 0));
      const own = arrays.matrix(length, length, (query, key) =>
        blockOf(query) === blockOf(key) && isSeen(query, key) ? 1 : 0,
      );
      return chosen.matmul(keys).add(own);
    },
  };
}

/** Pages by the largest product that a key between what is least and most in each channel could have, over the keys so far. */
function bestPages(arrays: Arrays, { page, pages: taken }: Quest, length: number): Best {
  const pages = Math.ceil(length / page);
  const pageOf = (token: number): number => Math.floor(token / page);
  const isOwn = (query: number, one: number): boolean => one === pageOf(query);
  return {
    name: "pages",
    candidates: pages,
    taken,
    isEligible: (query, one) => one <= pageOf(query),
    scores({ q, k }) {
      const [above, below] = [q.relu(), q.mul(-1).relu()];
      const most = largest(k, page);
      const least = largest(k.mul(-1), page);
      const bounds = above.matmul(most.whole.transposed()).add(below.matmul(least.whole.transposed()));
      const own = above.mul(most.soFar).add(below.mul(least.soFar)).sum(-1);
      const places = (at: (query: number, one: number) => boolean): Tensor =>
        arrays.matrix(length, pages, (query, one) => (at(query, one) ? 1 : 0));
      return bounds.mul(places((query, one) => !isOwn(query, one))).add(own.mul(places(isOwn)));
    },
    attended(chosen) {
      const keys = arrays.matrix(pages, length, (one, key) => (pageOf(key) === one ? 1 : 0));
      const seen = arrays.matrix(length, length, (query, key) => (key <= query ? 1 : 0));
      return chosen.matmul(keys).mul(seen);
    },
  };

  /** The largest of each channel over whole pages, `[…, pages, d]`, and over a token's page up to it, `[…, length, d]`. */
  function largest(x: Tensor, size: number): { readonly whole: Tensor; readonly soFar: Tensor } {
    const width = x.shape.at(-1) ?? 0;
    const outer = x.shape.slice(0, -2);
    // What a last page lacks is read by nobody: no query is in a page after it.
    const full = x.padded(-2, 0, pages * size - length).reshape(...outer, pages, size, width);
    const rows: Tensor[] = [];
    for (let at = 0; at < size; at++) {
      const one = full.part(-2, at, at + 1);
      rows.push(at === 0 ? one : one.atLeast(rows[at - 1]));
    }
    const soFar = arrays.joined(rows, -2).reshape(...outer, pages * size, width);
    return { whole: full.max(-2).reshape(...outer, pages, width), soFar: soFar.part(-2, 0, length) };
  }
}

/** NSA's blocks: the first, its own and the one before always, of those between the best by the means of their keys. */
function bestOfMeans(arrays: Arrays, { block, chosen }: Nsa, length: number): Best {
  const blocks = Math.ceil(length / block);
  const blockOf = (token: number): number => Math.floor(token / block);
  const isForced = (query: number, one: number): boolean =>
    one === 0 || one === blockOf(query) || one === blockOf(query) - 1;
  return {
    name: "blocks",
    candidates: blocks,
    taken: Math.max(0, chosen - NSA_FORCED),
    isEligible: (query, one) => one > 0 && one < blockOf(query) - 1,
    scores: ({ q, k }) => q.matmul(blockMeans(arrays, k, block).transposed()),
    attended(marks) {
      const keys = arrays.matrix(blocks, length, (one, key) => (blockOf(key) === one ? 1 : 0));
      const forced = arrays.matrix(length, blocks, (query, one) => (isForced(query, one) ? 1 : 0));
      const seen = arrays.matrix(length, length, (query, key) => (key <= query ? 1 : 0));
      return marks.add(forced).matmul(keys).mul(seen);
    },
  };
}

/** Means of blocks of rows, `[…, blocks, width]`; the last may be short. */
export function blockMeans(arrays: Arrays, x: Tensor, block: number): Tensor {
  const length = x.shape.at(-2) ?? 0;
  const sizeOf = (one: number): number => Math.min(block, length - one * block);
  return arrays
    .matrix(Math.ceil(length / block), length, (one, row) =>
      Math.floor(row / block) === one ? 1 / sizeOf(one) : 0,
    )
    .matmul(x);
}
