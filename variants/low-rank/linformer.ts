import { flag, int } from "../../src/core/parameters.ts";
import type { Shape } from "../../src/core/shape.ts";
import { summary } from "../../src/mechanisms/summary/declare.ts";

/**
 * Linformer: keys and values are projected along the sequence, `K̄ = E K` and `V̄ = F V`, and queries attend the
 * `features` rows that remain. E and F are drawn, from N(0, 1/N), position by position, so that a longer sequence only
 * appends.
 *
 * Departs: the paper's theorem has N(0, 1/features), at which scores grow as √(N/features) and saturate; this is the
 * initialisation of Long Range Arena. Learned it approximates full attention, and as drawn it does not: `pooled` is the
 * one whose fidelity has a curve. Not causal: programs that mask a corner of the summaries are.
 */
export const linformer = summary({
  id: "linformer",
  title: "Linformer",
  summary: "keys and values projected along the sequence to a few",
  tags: ["low-rank", "linear", "lra"],
  arena: "Linformer",
  table: ({ features }) => ({
    perLayer: {
      text: "Nmd",
      letters: { m: features },
      at: ({ length, headDim }) => length * features * headDim,
    },
  }),
  source: "Wang et al. 2020, arXiv 2006.04768",
  params: {
    features: int(256, {
      least: 1,
      unit: "summaries",
      meaning: "rows that keys and values are projected to",
      probe: 6,
    }),
    shared: flag(false, { meaning: "whether keys and values are projected alike, F = E" }),
    seed: int(0, { unit: "seed", meaning: "which numbers E and F have" }),
  },
  text: ({ features }) => `linformer(${features})`,
  inputs({ features, shared, seed }) {
    const table = (stream: string) =>
      ({
        dims: ["heads", "length", features],
        of: "weights",
        std: ({ length }: Shape) => 1 / Math.sqrt(length),
        stream,
        seed,
      }) as const;
    return {
      "linformer.e": table("linformer/e"),
      ...(shared ? {} : { "linformer.f": table("linformer/f") }),
    };
  },
  chain: ({ shared }, { scale }) => [
    { step: "product", to: "keys", a: "linformer.e", b: "k", transposed: true },
    { step: "product", to: "values", a: shared ? "linformer.e" : "linformer.f", b: "v", transposed: true },
    { step: "attend", to: "out", queries: "q", keys: "keys", values: "values", scale },
  ],
  sumsToOne: false,
  exponent: () => 1,
});
