import { int } from "../../src/core/parameters.ts";
import { summary } from "../../src/mechanisms/summary/declare.ts";

/**
 * Linear randomised attention, by a deterministic choice of its samples: `μ_c` is the mean of a segment of queries plus
 * that of keys. With `φ_c(x) = exp((μ_c·x - |x|²/2)/√d)` and `ω_nc = φ_c(q_n) / Σ_c' φ_c(μ_c')`, the output is `Σ_c ω_nc
 * Σ_j φ_c(k_j) v_j / Σ_c ω_nc Σ_j φ_c(k_j)`: samples attend keys, and queries attend samples, with a bias each.
 *
 * Departs: the published default normalises the weights of queries over queries, so that a row depends on the others;
 * here they are not (`mis-bh`). There are no more landmarks than queries or keys.
 */
export const lara = summary({
  id: "lara",
  title: "LARA",
  summary: "random features of means in place of samples, weighed by importance",
  tags: ["low-rank", "linear"],
  table: ({ landmarks }) => ({
    perLayer: {
      text: "Nmd",
      letters: { m: landmarks },
      at: ({ length, headDim }) => length * Math.min(length, landmarks) * headDim,
    },
  }),
  source: "Zheng, Wang, Kong 2022, arXiv 2204.04667",
  params: {
    landmarks: int(49, {
      least: 1,
      unit: "landmarks",
      meaning: "segments of queries and of keys whose means are samples",
      probe: 5,
    }),
  },
  text: ({ landmarks }) => `lara(${landmarks})`,
  chain({ landmarks }, { queries, length, scale }) {
    const segments = { count: Math.min(landmarks, queries, length) };
    const counted = false;
    return [
      { step: "means", to: "q means", of: "q", segments, counted },
      { step: "means", to: "k means", of: "k", segments, counted },
      { step: "sum", to: "samples", of: ["q means", "k means"] },
      { step: "half-squares", to: "k halves", of: "k", factor: -scale },
      { step: "half-squares", to: "halves", of: "samples", factor: -scale },
      {
        step: "attend",
        to: "values",
        queries: "samples",
        keys: "k",
        values: "v",
        scale,
        bias: "k halves",
        logSums: "log sums",
      },
      { step: "less-log-sums", to: "bias", of: "log sums", rows: "samples", scale, bias: "halves" },
      { step: "attend", to: "out", queries: "q", keys: "samples", values: "values", scale, bias: "bias" },
    ];
  },
  sumsToOne: true,
  exponent: () => 1,
});
