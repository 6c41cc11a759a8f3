import { choice, int } from "../../src/core/parameters.ts";
import { constant } from "../../src/core/table-one.ts";
import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { band } from "../../src/pattern/band.ts";
import { byHead } from "../../src/pattern/by-head.ts";
import { comb } from "../../src/pattern/comb.ts";
import { union } from "../../src/pattern/union.ts";

/**
 * The Sparse Transformer's strided attention: the last `stride` tokens ∪ every `stride`-th token. With `mode`
 * heads, even heads have the window and odd heads the stride, the factorised form in one layer. The paper
 * takes a stride near √N.
 *
 * Departs: not causal unless the run is; the stride then goes both ways, the window to the past. The window
 * has `stride` + 1 keys as in the paper, `stride` in its code; in the union that is no difference.
 */
export const sparseStrided = softmaxPattern({
  id: "sparse-strided",
  title: "Sparse Transformer, strided",
  summary: "the last n keys and every n-th one",
  tags: ["sparse"],
  source: "Child et al. 2019, arXiv 1904.10509, section 4.2",
  params: {
    stride: int(64, {
      least: 1,
      unit: "tokens",
      meaning: "stride, and reach to the past",
      probe: 5,
      fullAt: (_, { mode }) => (mode === "union" ? 1 : undefined),
    }),
    mode: choice(["union", "heads"], { meaning: "both parts in every head, or one each in turn" }),
  },
  // By the stride to a key from which the window reaches the wanted one. Not causal, that key may lie beyond the end.
  table: ({ stride, mode }, causal) =>
    mode === "heads" || stride === 1
      ? {}
      : {
          path: [
            causal
              ? constant(2)
              : {
                  text: "3",
                  atMost: true,
                  at: ({ length }) => (length > stride ? 3 : Number.POSITIVE_INFINITY),
                },
          ],
        },
  pattern: ({ stride, mode }) => (mode === "heads" ? byHead : union)(band(stride, 0), comb(stride)),
  exponent: () => 2,
});
