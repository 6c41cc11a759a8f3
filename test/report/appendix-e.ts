import { type Results, summarize } from "../../src/record/case-row.ts";
import type { ResultLine } from "../../src/record/schema/result-lines.ts";
import { sampleResults } from "./sample-results.ts";

/** Forward times in milliseconds of FlashAttention (Dao et al. 2022, arXiv 2205.14135), appendix E, by length. */
const published = {
  full: [0.43, 1.27, 4.32, 16.47, 67.77],
  longformer: [0.99, 1.56, 4.79, 11.07, 32.98],
  bigbird: [1.02, 1.48, 5.05, 11.59, 34.16],
  local: [0.8, 1.9, 5.76, 11.56, 23.13],
  linformer: [0.45, 0.5, 1.09, 2.09, 4.01],
  "block-sparse": [0.63, 0.61, 0.61, 0.96, 1.69],
};

const lengths = [512, 1024, 2048, 4096, 8192];
/** Keys that a query of the others attends: the published settings, as far as they are told. */
const keys = 256;

/** So that the rounds of no two variants rise and fall together: factors without one in common with nine. */
const orders = [1, 2, 4, 5, 7, 8];

/** The published times as a results file would hold them; with more `rounds`, of which nine are meant, off by less than the last digit. */
export function appendixE(rounds = 1): Results {
  const [template] = sampleResults({ variants: 1, lengths: [512], rounds: 1 }).rows;
  const { run } = sampleResults({ variants: 1, lengths: [512], rounds });
  const lines = Object.entries(published).flatMap(([variant, times], place) =>
    times.flatMap((milliseconds, index): ResultLine[] => {
      const length = lengths[index];
      const pairs = variant === "full" ? length * length : length * keys;
      const name = `${variant}/${length}`;
      const { median_s, low_s, high_s, min_s, samples, rounds: _, warnings, ...line } = template;
      return [
        {
          ...line,
          type: "case",
          case: name,
          variant,
          title: variant,
          kernel: "cuda",
          length,
          exponent: variant === "full" ? 2 : 1,
          params: {},
          prepare_s: null,
          pairs,
          useful_flops: 256 * pairs,
          executed_flops: 256 * pairs,
        },
        ...Array.from(
          { length: rounds },
          (_, round): ResultLine => ({
            type: "round",
            case: name,
            round,
            samples: [milliseconds / 1000 + (((orders[place] * round) % rounds) - (rounds - 1) / 2) * 1e-6],
            calls: 1,
            at_s: round,
            load: 0,
            steal: 0,
            involuntary_switches: 0,
            warnings: [],
          }),
        ),
      ];
    }),
  );
  const environment = { ...run.environment, ceilings: [], dirty: false };
  return summarize("appendix-e", { ...run, plan: { ...run.plan, cases: [] }, environment }, lines);
}
