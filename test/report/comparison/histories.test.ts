import { describe, expect, test } from "vitest";
import * as z from "zod";
import { bencherJson } from "../../../src/report/comparison/bencher.ts";
import {
  biggerIsBetterJson,
  smallerIsBetterJson,
} from "../../../src/report/comparison/github-action-benchmark.ts";
import { unprintables } from "../hostile-results.ts";
import { attacks, hostileComparison } from "./hostile-comparison.ts";
import {
  calmComparison,
  manyCells,
  sampleCell,
  sampleComparison,
  sampleMean,
  slower,
} from "./sample-comparison.ts";

/** https://bencher.dev/docs/reference/bencher-metric-format: names of up to 1024 characters, measures of up to 64. */
const bencherMetricFormat = z.record(
  z.string().min(1).max(1024),
  z.record(
    z
      .string()
      .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
      .max(64),
    z.strictObject({
      value: z.number(),
      lower_value: z.number().optional(),
      upper_value: z.number().optional(),
    }),
  ),
);

/** The README of github-action-benchmark: `range` and `extra` may be missing. */
const customBenchmarks = z.array(
  z.strictObject({
    name: z.string().min(1),
    unit: z.string().min(1),
    value: z.number(),
    range: z
      .string()
      .regex(/^± \d[\d.e+-]*$/)
      .optional(),
    extra: z.string().optional(),
  }),
);

describe("Bencher Metric Format", () => {
  test("has nanoseconds with their bounds, and changed work under measures of its own", () => {
    const read = bencherMetricFormat.parse(JSON.parse(bencherJson(sampleComparison({ cells: [slower] }))));
    expect(read).toEqual({
      "stride/wasm/b1h4n1024d64": {
        latency: { value: 1_052_300, lower_value: 1_039_000, upper_value: 1_066_000 },
        "mean-latency": { value: 1_157_530 },
        pairs: { value: 7 },
        "executed-flops": { value: 1_048_577 },
      },
    });
  });

  test("has no bounds where there is no interval, and no time that is none", () => {
    const cells = [
      sampleCell({ time: { ratio: 1, low: null, high: null } }),
      sampleCell({ variant: "full", head_s: 0, mean: null }),
      sampleCell({ variant: "stride", head_s: Number.NaN, mean: sampleMean({ head_s: Number.NaN }) }),
    ];
    expect(JSON.parse(bencherJson(calmComparison({ cells })))).toEqual({
      "local/wasm/b1h4n1024d64": { latency: { value: 1e6 }, "mean-latency": { value: 1.1e6 } },
    });
    expect(JSON.parse(bencherJson(calmComparison()))).toEqual({});
  });

  test("names a cell alike whatever stands beside it", () => {
    const names = Object.keys(JSON.parse(bencherJson(calmComparison({ cells: manyCells(300) }))) as object);
    expect(names).toEqual(manyCells(300).map((cell) => cell.case));
  });

  test.each(attacks)("keeps to its schema whatever the strings: %j", (attack) => {
    const text = bencherJson(hostileComparison(attack));
    const read = bencherMetricFormat.parse(JSON.parse(text));
    expect(Object.keys(read).length).toBe(1);
    expect(unprintables(text)).toEqual([]);
  });
});

describe("github-action-benchmark", () => {
  test("has seconds a call where smaller is better, and calls a second where bigger is", () => {
    const comparison = calmComparison({ cells: [slower] });
    const [smaller] = customBenchmarks.parse(JSON.parse(smallerIsBetterJson(comparison)));
    const [bigger] = customBenchmarks.parse(JSON.parse(biggerIsBetterJson(comparison)));
    expect(smaller).toEqual({
      name: "stride/wasm/b1h4n1024d64",
      unit: "s",
      value: 0.0010523,
      range: "± 0.0000135",
      extra:
        "slower against base\ninterval +3.9 … +6.6 %\ncould see ≥ 3.1 %\nmean +5.2 %, could see ≥ 4.2 %, 1 in 108",
    });
    expect(bigger).toMatchObject({ unit: "calls/s", value: 950.299, range: "± 12.1888" });
  });

  test("never changes a unit with the size of a number, and leaves out what is no time", () => {
    const cells = [1e-9, 1e-3, 1e3, 0, -1, Number.NaN, Number.POSITIVE_INFINITY].map((head_s, length) =>
      sampleCell({ head_s, length: length + 1 }),
    );
    for (const text of [
      smallerIsBetterJson(calmComparison({ cells })),
      biggerIsBetterJson(calmComparison({ cells })),
    ]) {
      const read = customBenchmarks.parse(JSON.parse(text));
      expect(read).toHaveLength(3);
      expect(new Set(read.map(({ unit }) => unit)).size).toBe(1);
    }
    expect(JSON.parse(smallerIsBetterJson(calmComparison()))).toEqual([]);
  });

  test.each(attacks)("keeps to its schema whatever the strings: %j", (attack) => {
    for (const text of [
      smallerIsBetterJson(hostileComparison(attack)),
      biggerIsBetterJson(hostileComparison(attack)),
    ]) {
      expect(customBenchmarks.parse(JSON.parse(text))).toHaveLength(4);
      expect(unprintables(text)).toEqual([]);
    }
  });
});
