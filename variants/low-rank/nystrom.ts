import { int } from "../../src/core/parameters.ts";
import { constant } from "../../src/core/table-one.ts";
import { type Step, summary } from "../../src/mechanisms/summary/declare.ts";

/** Steps towards the pseudo-inverse. They are part of the definition: the exact inverse is far worse. */
const ITERATIONS = 6;

/**
 * Nyströmformer: attention through landmarks, which are means of segments of queries and of keys. `L = softmax(Q K̃ᵀ)`,
 * `A = softmax(Q̃ K̃ᵀ)`, `R = softmax(Q̃ Kᵀ)`, and the output is `L (A⁺ (R V))`, A⁺ being six steps towards the
 * pseudo-inverse. As many landmarks as keys are full attention, by definition. `conv` adds a depthwise convolution of
 * the values, whose taps are drawn, from N(0, 1/conv).
 *
 * Departs: segments are balanced, `[⌊tN/m⌋, ⌊(t+1)N/m⌋)`, and not padded; the iteration begins with the norms of its
 * own matrix, where the authors take the largest in the batch, so that one sequence changes another. There are no
 * more landmarks than queries.
 */
export const nystrom = summary({
  id: "nystrom",
  title: "Nyströmformer",
  summary: "softmax through landmarks and a pseudo-inverse",
  aliases: ["nystromformer"],
  tags: ["low-rank", "linear"],
  table: ({ landmarks }) => ({
    perLayer: {
      text: "Nmd",
      letters: { m: landmarks },
      at: ({ length, headDim }) => length * Math.min(length, landmarks) * headDim,
    },
    // Of the pseudo-inverse, of m × m each, besides the products with N rows.
    sequential: [constant(4 * ITERATIONS, "products of m × m")],
  }),
  source: "Xiong et al. 2021, arXiv 2102.03902",
  params: {
    landmarks: int(64, {
      least: 1,
      unit: "landmarks",
      meaning: "segments of queries and of keys",
      probe: 5,
      fullAt: (n, { conv }) => (conv === 0 ? n : undefined),
    }),
    conv: int(0, {
      unit: "taps",
      meaning: "taps of the convolution that is added; 0 for none, the paper has 33",
    }),
    seed: int(0, { unit: "seed", meaning: "which numbers the taps are" }),
  },
  text: ({ landmarks, conv }) => `nystrom(${landmarks}${conv > 0 ? `, conv ${conv}` : ""})`,
  inputs: ({ conv, seed }) =>
    conv === 0
      ? {}
      : {
          "nystrom.conv": {
            dims: ["heads", 1, conv],
            of: "weights",
            std: 1 / Math.sqrt(conv),
            stream: "nystrom/conv",
            seed,
          },
        },
  chain({ landmarks, conv }, { queries, length, scale }) {
    const to = conv > 0 ? "attended" : "out";
    const segments = { count: Math.min(landmarks, queries) };
    const attended: readonly Step[] =
      landmarks >= length
        ? [{ step: "attend", to, queries: "q", keys: "k", values: "v", scale }]
        : [
            { step: "means", to: "q landmarks", of: "q", segments },
            { step: "means", to: "k landmarks", of: "k", segments },
            { step: "weights", to: "among", queries: "q landmarks", keys: "k landmarks", scale },
            { step: "pseudo-inverse", to: "inverse", of: "among", iterations: ITERATIONS },
            { step: "attend", to: "read", queries: "q landmarks", keys: "k", values: "v", scale },
            { step: "product", to: "values", a: "inverse", b: "read", transposed: false },
            { step: "attend", to, queries: "q", keys: "k landmarks", values: "values", scale },
          ];
    if (conv === 0) return attended;
    return [...attended, { step: "convolve", to: "out", of: to, values: "v", taps: "nystrom.conv" }];
  },
  sumsToOne: false,
  exponent: () => 1,
});
