import { describe, expect, test } from "vitest";
import { withSketches } from "../../src/library/sketches.ts";
import { withTwins } from "../../src/library/twins.ts";
import type { Results } from "../../src/record/case-row.ts";
import { bothWaysOf } from "../../src/report/both-ways.ts";
import { bothWays } from "../../src/report/charts/both-ways.ts";
import { seriesOf } from "../../src/report/series.ts";
import { chartsOf } from "../../src/report/topics/index.ts";
import { sampleResults } from "./sample-results.ts";

const ATTENTION = { kernel: 3, width: 64, alpha: 40, seed: 0 };
const CONVOLUTION = { kernel: 3, width: 64, border: "nearest", seed: 0 };

/** The sample's results, two of whose variants are a convolution both ways. */
function sample(attention: object = ATTENTION, convolution: object = CONVOLUTION): Results {
  const results = sampleResults({
    noise: 0,
    alter(line) {
      if (line.variant === "full") return { ...line, variant: "conv-attention", params: { ...attention } };
      if (line.variant === "local") return { ...line, variant: "conv-2d", params: { ...convolution } };
      return line;
    },
  });
  return withTwins(withSketches(results));
}

const pairsOf = (results: Results) => seriesOf(results.rows).flatMap((one) => bothWaysOf(one, results));

describe("one function in two ways", () => {
  test("is found at every length at which both were measured, by parameters and not by name", () => {
    expect(pairsOf(sample()).map(({ length }) => length)).toEqual([256, 512, 1024, 2048, 4096]);
    for (const [attention, convolution] of [
      [{ ...ATTENTION, alpha: 10 }, CONVOLUTION],
      [{ ...ATTENTION, width: null }, CONVOLUTION],
      [ATTENTION, { ...CONVOLUTION, border: "zeros" }],
      [ATTENTION, { ...CONVOLUTION, seed: 1 }],
      [ATTENTION, { ...CONVOLUTION, kernel: 5 }],
    ]) {
      expect(pairsOf(sample(attention, convolution))).toEqual([]);
    }
  });

  test("has the ratios of times and of operations of its two cases", () => {
    for (const { row, twin, times, flops } of pairsOf(sample())) {
      expect([row.variant, twin.variant, row.length]).toEqual(["conv-attention", "conv-2d", twin.length]);
      expect(times).toBe((row.median_s ?? 0) / (twin.median_s ?? 0));
      expect(flops).toBe((row.useful_flops ?? 0) / (twin.useful_flops ?? 0));
    }
  });

  test("has a chart of the two alone, which reports without them do not", () => {
    const results = sample();
    expect(chartsOf(results)).toContainEqual(expect.objectContaining({ id: "both-ways" }));
    expect(chartsOf(sampleResults()).map(({ id }) => id)).not.toContain("both-ways");
    expect(bothWays.spec(sampleResults())).toBeNull();
    const drawn = JSON.stringify(bothWays.spec(results));
    expect(drawn).toContain("conv-attention");
    expect(drawn).not.toContain("bigbird");
  });

  test("is not found where one of the two has no time", () => {
    const results = sample();
    const rows = results.rows.map((row) => (row.variant === "conv-2d" ? { ...row, median_s: null } : row));
    expect(pairsOf({ ...results, rows })).toEqual([]);
  });
});
