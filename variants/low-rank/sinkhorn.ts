import { int, real } from "../../src/core/parameters.ts";
import { constant } from "../../src/core/table-one.ts";
import { summary } from "../../src/mechanisms/summary/declare.ts";

/**
 * Sparse Sinkhorn attention: queries attend their own block of keys, and a mixture of all blocks, under one softmax. How
 * blocks are mixed follows from the products of their means: divided by `tau`, and balanced by Sinkhorn's iterations in
 * log space, columns first, so that each row sums to 1, and each column nearly. With one block it is full attention, each
 * key twice.
 *
 * Departs: the paper's sorting network is learned, and its training adds Gumbel noise; products of means are lucidrains'.
 * If the last block is shorter, row p of a mixed block is of the blocks that have a row p, whose weights are divided by
 * their sum. Long Range Arena's program does not sort: its einsum sums both axes of blocks apart, so that every block is
 * the sum of all; lucidrains' takes the logarithm of relu of the products, and sorts keys where it would values. Work
 * counts no products of means.
 */
export const sinkhorn = summary({
  id: "sinkhorn",
  title: "Sinkhorn",
  summary: "a query's own block and a mixture of all blocks",
  tags: ["low-rank", "lra"],
  arena: "Sinkhorn Trans.",
  table: ({ block, iterations }) => ({
    perLayer: {
      text: "N(2b + N/b)d",
      letters: { b: block },
      at({ length, headDim }) {
        const size = Math.min(block, length);
        return length * (2 * size + length / size) * headDim;
      },
    },
    sequential: [constant(iterations, "iterations of the balance")],
  }),
  source: "Tay et al. 2020, arXiv 2002.11296",
  params: {
    block: int(64, { least: 1, unit: "tokens", meaning: "tokens in a block", probe: 5, fullAt: (n) => n }),
    tau: real(0.75, {
      least: Number.MIN_VALUE,
      unit: "temperature",
      meaning: "what the products of means are divided by",
      probe: 0.5,
    }),
    iterations: int(8, {
      least: 1,
      most: 1000,
      unit: "times",
      meaning: "how often columns and rows are balanced",
    }),
  },
  text: ({ block }) => `sinkhorn(${block})`,
  whyNot: (_, { queries, length }) =>
    queries === length
      ? null
      : `blocks of queries are those of keys, so queries must be as many as keys, got ${queries} for ${length}`,
  chain({ block, tau, iterations }, { length, scale }) {
    const size = Math.min(block, length);
    return [
      { step: "means", to: "query blocks", of: "q", segments: { size } },
      { step: "means", to: "key blocks", of: "k", segments: { size } },
      {
        step: "balance",
        to: "shares",
        queries: "query blocks",
        keys: "key blocks",
        scale: scale / tau,
        iterations,
      },
      { step: "mix-blocks", to: "mixed keys", logs: "shares", of: "k", size },
      { step: "mix-blocks", to: "mixed values", logs: "shares", of: "v", size },
      {
        step: "attend-blocks",
        to: "out",
        queries: "q",
        keys: ["mixed keys", "k"],
        values: ["mixed values", "v"],
        size,
        scale,
      },
    ];
  },
  sumsToOne: true,
  growth: (length, { block }) => length * (length / block + 2 * block),
});
