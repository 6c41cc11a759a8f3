import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findVariant, parameterize } from "../../src/core/variant.ts";
import { callOfCase } from "../../src/mechanisms/call-of-case.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { workOfCase } from "../../src/mechanisms/work-of-case.ts";
import { summarize } from "../../src/record/case-row.ts";
import { withLimits } from "../../src/record/limit-columns.ts";
import type { CaseLine, Environment } from "../../src/record/schema/result-lines.ts";
import { variants } from "../../variants/index.ts";
import { sampleCase, sampleLines } from "./sample-lines.ts";

type Row = Omit<CaseLine, "type"> & { median_s: number | null };
const rowOf = (change: Partial<Row>): Row => {
  const { type: _, ...fields } = sampleCase("case", 16);
  return { ...fields, median_s: 1e-3, ...change };
};
const limitsOf = (change: Partial<Row>, ceilings?: Environment["ceilings"]) =>
  withLimits([rowOf(change)], { ceilings })[0];
const ceilingOf = (flops_per_s: number, threads = 1, build = "wide") => ({ build, threads, flops_per_s });

const positive = fc.double({ min: 1e-9, max: 1e9, noNaN: true });
const ceilings = fc.array(
  fc.record({
    build: fc.constantFrom("wide", "relaxed", "plain"),
    threads: fc.integer({ min: 1, max: 3 }),
    flops_per_s: positive,
  }),
);

describe("percent of the ceiling", () => {
  test("is a hundred where a case executes as much a second as the best build on as many threads", () => {
    fc.assert(
      fc.property(ceilings, positive, fc.integer({ min: 1, max: 3 }), (all, median_s, threads) => {
        const rates = all.filter((one) => one.threads === threads).map((one) => one.flops_per_s);
        const executed_flops = Math.max(...rates) * median_s;
        const { percent_of_ceiling: percent } = limitsOf({ executed_flops, median_s, threads }, all);
        if (rates.length === 0) expect(percent).toBeNull();
        else expect(percent).toBeCloseTo(100, 6);
      }),
    );
  });

  test("is not cut where a case beats its ceiling, so that a wrong ceiling shows", () => {
    expect(limitsOf({ executed_flops: 3e6 }, [ceilingOf(1e9)]).percent_of_ceiling).toBeCloseTo(300, 9);
  });

  test("is of the kernel's own builds, however fast those of others are, and of the best of all where it has none", () => {
    const all = [
      { ...ceilingOf(1e9), kernel: "wasm" },
      { ...ceilingOf(8e9), kernel: "native" },
      { ...ceilingOf(2e9), kernel: "wasm" },
      { ...ceilingOf(9e9, 2), kernel: "wasm" },
    ];
    const percent = (kernel: string) => limitsOf({ kernel, executed_flops: 1e6 }, all).percent_of_ceiling;
    expect(percent("wasm")).toBeCloseTo(50, 9);
    for (const kernel of ["native", "js", "torch-sdpa"]) expect(percent(kernel)).toBeCloseTo(12.5, 9);
  });

  test.each<[string, Partial<Row>, Environment["ceilings"]]>([
    ["no ceiling was recorded, as in old files", {}, undefined],
    ["there are none", {}, []],
    ["the ceiling is 0", {}, [ceilingOf(0)]],
    ["they are for other thread counts", {}, [ceilingOf(1e9, 2)]],
    ["there is no time", { median_s: null }, [ceilingOf(1e9)]],
    ["the time is 0", { median_s: 0 }, [ceilingOf(1e9)]],
    ["the kernel does not count", { executed_flops: null }, [ceilingOf(1e9)]],
    ["the numbers are huge", { executed_flops: 1e308, median_s: 1e-300 }, [ceilingOf(1e-300)]],
  ])("is not known, never 0, where %s", (_, change, known) => {
    expect(limitsOf(change, known).percent_of_ceiling).toBeNull();
  });
});

describe("a case on a device", () => {
  const device = {
    kernel: "webgpu",
    name: "a device",
    vendor: "",
    architecture: "",
    device: "",
    description: "",
    software: false,
    driver: null,
    implementation: "a test",
    toggles: [],
    features: [],
    limits: {},
    rates: {
      clock: "device" as const,
      register_flops_per_s: 8e9,
      tile_flops_per_s: 4e9,
      read_bytes_per_s: 1e9,
      read_bytes: 64,
    },
  };
  const processors = {
    ceilings: [ceilingOf(1e9)],
    read_rates: [{ level: "memory", bytes: 1, bytes_per_s: 5 }],
  };
  const step = { kernel: "webgpu", mode: "decode" as const, bytes: 1e6, resident_bytes: 1e6 };
  const limitsAt = (change: Partial<Row & { device_s: number }>, known: Parameters<typeof withLimits>[1]) =>
    withLimits([{ ...rowOf({}), ...change }], known)[0];

  test("is read against what its device reaches in products of tiles and reads, and others against the processors", () => {
    const known = { ...processors, devices: [device] };
    const computed = { executed_flops: 2e6 };
    expect(limitsAt({ ...computed, kernel: "webgpu" }, known).percent_of_ceiling).toBeCloseTo(50, 9);
    expect(limitsAt({ ...computed, kernel: "wasm" }, known).percent_of_ceiling).toBeCloseTo(200, 9);
    expect(limitsAt(step, known).percent_of_bandwidth).toBeCloseTo(100, 9);
  });

  test.each([
    ["its device was not measured", { devices: [{ ...device, rates: undefined }] }, { kernel: "webgpu" }],
    ["only its seconds tell of its device", {}, { kernel: "torch-math-cuda", device_s: 1e-3 }],
  ])("is read against nothing, never against the processors, where %s", (_, known, change) => {
    const limits = limitsAt({ ...step, executed_flops: 2e6, ...change }, { ...processors, ...known });
    expect(limits.percent_of_ceiling).toBeNull();
    expect(limits.percent_of_bandwidth).toBeNull();
  });
});

describe("the ideal speed-up", () => {
  test("is the pairs of full attention over those of the pattern, causal or not, whether full was run or not", () => {
    const cases = fc.record({
      length: fc.integer({ min: 1, max: 2 ** 20 }),
      heads: fc.integer({ min: 1, max: 64 }),
      pairs: fc.integer({ min: 1, max: 2 ** 40 }),
    });
    fc.assert(
      fc.property(cases, ({ length, heads, pairs }) => {
        const whole = limitsOf({ length, heads, pairs });
        expect(whole.ideal_speedup).toBe(length ** 2 / pairs);
        const causal = limitsOf({ length, heads, pairs, causal: true });
        expect(causal.ideal_speedup).toBe((length * (length + 1)) / 2 / pairs);
      }),
    );
  });

  test("of a feature map is the operations of full attention over its own", () => {
    const linear = { pairs: null, batch: 2, heads: 3, length: 1024, head_dim: 64 };
    const useful_flops = 2 * 3 * 1024 * 4 * 64 * 65;
    expect(limitsOf({ ...linear, useful_flops }).ideal_speedup).toBeCloseTo(1024 / 65, 12);
    expect(limitsOf({ ...linear, useful_flops, causal: true }).ideal_speedup).toBeCloseTo(1025 / 2 / 65, 12);
  });

  test("of gradients is by the operations of full attention's, which are twice those of its forward pass", () => {
    const linear = { pairs: null, batch: 2, heads: 3, length: 1024, head_dim: 64 };
    const useful_flops = 2 * 3 * 1024 * 4 * 64 * 65;
    const of = (mode: "backward" | "train") => limitsOf({ ...linear, mode, useful_flops }).ideal_speedup;
    expect([of("backward"), of("train")]).toEqual([(2 * 1024) / 65, (3 * 1024) / 65]);
    const declared = parameterize(findVariant(variants, "full"), {});
    for (const mode of ["backward", "train"] as const) {
      const row = rowOf({ batch: 2, heads: 4, length: 96, head_dim: 16, value_dim: 24, mode, pairs: null });
      const { usefulFlops } = workOfCase(row, builtInKinds.under(declared, callOfCase(row)));
      expect(limitsOf({ ...row, useful_flops: usefulFlops }).ideal_speedup).toBe(1);
    }
  });

  test("of what chooses its pairs counts the operations of choosing them", () => {
    const chosen = { pairs: 1024 * 32, batch: 2, heads: 3, length: 1024, head_dim: 64 };
    const select_flops = 2 * 3 * 2 * 64 * 1024 ** 2;
    const useful_flops = select_flops + 2 * 3 * 2 * 64 * 1024 * 32;
    const { ideal_speedup } = limitsOf({ ...chosen, useful_flops, select_flops });
    expect(ideal_speedup).toBeCloseTo(2 / (1 + 32 / 1024), 12);
  });

  test("of a layer counts its projections, whether its heads have pairs or not", () => {
    const layer = { batch: 2, heads: 8, length: 1024, head_dim: 64, model_dim: 512 };
    const projected = 2 * 8 * 1024 * 512 ** 2;
    const useful_flops = projected + 2 * 8 * 4 * 64 * 1024 * 32;
    const full = projected + 2 * 8 * 4 * 64 * 1024 ** 2;
    for (const pairs of [1024 * 32, null]) {
      const { ideal_speedup } = limitsOf({ ...layer, pairs, useful_flops });
      expect(ideal_speedup).toBeCloseTo(full / useful_flops, 12);
    }
  });

  test.each(["none", "sinusoidal", "alibi", "t5", "t5:16:64", "rope", "rope:half"])(
    "of full attention in a layer is 1, with positions %s too",
    (positions) => {
      const full = { batch: 2, heads: 8, kv_heads: 4, length: 96, head_dim: 16, model_dim: 64, positions };
      const declared = parameterize(findVariant(variants, "full"), {});
      for (const causal of [false, true]) {
        const row = rowOf({ ...full, causal, pairs: null });
        const { usefulFlops } = workOfCase(row, builtInKinds.under(declared, callOfCase(row)));
        expect(limitsOf({ ...row, useful_flops: usefulFlops }).ideal_speedup).toBe(1);
      }
    },
  );

  test("is known without a time, and not known without work", () => {
    expect(limitsOf({ median_s: null, outcome: "skipped" }).ideal_speedup).toBe(256 / 100);
    expect(limitsOf({ pairs: 0 }).ideal_speedup).toBeNull();
    expect(limitsOf({ pairs: null, useful_flops: 0 }).ideal_speedup).toBeNull();
    expect(limitsOf({ pairs: null, useful_flops: null }).ideal_speedup).toBeNull();
  });
});

describe("achieved over ideal", () => {
  const full = (change: Partial<Row> = {}) => rowOf({ variant: "full", pairs: 256, median_s: 8, ...change });

  test("is 1 for full itself, and for whatever is faster by as much as it has fewer pairs", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 256 }), positive, (pairs, seconds) => {
        const rows = [rowOf({ pairs, median_s: (seconds * pairs) / 256 }), full({ median_s: seconds })];
        for (const { achieved_over_ideal } of withLimits(rows)) expect(achieved_over_ideal).toBeCloseTo(1, 9);
      }),
    );
  });

  test("is half where a case takes twice the time that its pairs call for", () => {
    const [row] = withLimits([rowOf({ pairs: 64, median_s: 4 }), full()]);
    expect(row.achieved_over_ideal).toBe(0.5);
  });

  test.each<[string, Partial<Row>]>([
    ["kernel", { kernel: "wasm" }],
    ["length", { length: 32 }],
    ["batch", { batch: 2 }],
    ["heads", { heads: 1 }],
    ["head dimension", { head_dim: 16 }],
    ["causality", { causal: true }],
    ["thread count", { threads: 2 }],
  ])("is not known where full was run with another %s", (_, other) => {
    const [row] = withLimits([rowOf({}), full(other)]);
    expect(row.achieved_over_ideal).toBeNull();
  });

  test("is not known where either has no time, or the ideal is not known", () => {
    expect(withLimits([rowOf({}), full({ median_s: null })])[0].achieved_over_ideal).toBeNull();
    expect(withLimits([rowOf({ median_s: null }), full()])[0].achieved_over_ideal).toBeNull();
    expect(withLimits([rowOf({ median_s: 0 }), full()])[0].achieved_over_ideal).toBeNull();
    expect(withLimits([rowOf({ pairs: 0 }), full()])[0].achieved_over_ideal).toBeNull();
    expect(withLimits([rowOf({})])[0].achieved_over_ideal).toBeNull();
  });
});

test("the rows of a file have all three, and those of a file without limits what can be had of them", () => {
  const [run, ...lines] = sampleLines({ cases: 1 });
  expect(summarize("new", run, lines).rows[0]).toMatchObject({
    percent_of_ceiling: expect.any(Number),
    ideal_speedup: 2.56,
    achieved_over_ideal: null,
  });
  const { ceilings: _, cpu_features: __, read_bandwidth_bytes_per_s: ___, ...environment } = run.environment;
  expect(summarize("old", { ...run, environment }, lines).rows[0]).toMatchObject({
    percent_of_ceiling: null,
    ideal_speedup: 2.56,
  });
});

describe("percent of the bandwidth", () => {
  const read_rates = [
    { level: "L2", bytes: 2 ** 20, bytes_per_s: 5e10 },
    { level: "L1d", bytes: 2 ** 14, bytes_per_s: 1e11 },
    { level: "memory", bytes: 2 ** 28, bytes_per_s: null },
  ];
  const step = { mode: "decode", resident_bytes: 2 ** 15, bytes: 2 ** 15, median_s: 1e-6 } as const;
  const percentOf = (change: Partial<Row>, reads?: typeof read_rates) =>
    withLimits([rowOf({ ...step, ...change })], { read_rates: reads })[0].percent_of_bandwidth;

  test("holds what a step touches a second against the smallest working set that its steps fit into", () => {
    expect(percentOf({}, read_rates)).toBeCloseTo((100 * 2 ** 15) / 1e-6 / 5e10, 9);
    expect(percentOf({ resident_bytes: 2 ** 14 }, read_rates)).toBeCloseTo((100 * 2 ** 15) / 1e-6 / 1e11, 9);
  });

  test("is of memory's rate past every working set that was measured", () => {
    const rates = [...read_rates.slice(0, 2), { level: "memory", bytes: 2 ** 28, bytes_per_s: 2e10 }];
    const percent = percentOf({ resident_bytes: 2 ** 29 }, rates);
    expect(percent).toBeCloseTo((100 * 2 ** 15) / 1e-6 / 2e10, 9);
    expect(percentOf({ resident_bytes: 2 ** 29 }, rates.toReversed())).toBe(percent);
  });

  test.each<[string, Partial<Row>, typeof read_rates | undefined]>([
    ["whole sequences are measured", { mode: undefined }, read_rates],
    ["softmax recomputes", { mode: "recompute" }, read_rates],
    ["nobody could measure memory", { resident_bytes: 2 ** 21 }, read_rates],
    [
      "it is larger than what was measured, none of it memory",
      { resident_bytes: 2 ** 30 },
      read_rates.slice(0, 2),
    ],
    ["nobody counted what the steps touch between them", { resident_bytes: null }, read_rates],
    [
      "the file is from before that was counted",
      { resident_bytes: undefined, state_bytes: 2 ** 15 },
      read_rates,
    ],
    ["no rates were recorded, as in old files", {}, undefined],
    ["there is no time", { median_s: null }, read_rates],
    ["the kernel does not count", { bytes: null }, read_rates],
  ])("is not known, never 0, where %s", (_, change, reads) => {
    expect(percentOf(change, reads)).toBeNull();
  });
});

test("a step is held against the step of full attention at its position, and not against whole sequences", () => {
  const row = (change: Partial<Row>) => rowOf({ length: 99, causal: true, ...change });
  const rows = withLimits([
    row({ case: "full", variant: "full", mode: "decode", pairs: 100, median_s: 4e-6 }),
    row({ case: "recompute", variant: "full", mode: "recompute", pairs: 5050, median_s: 1e-3 }),
    row({ case: "window", mode: "decode", pairs: 10, median_s: 1e-6 }),
    row({ case: "linear", mode: "decode", pairs: null, useful_flops: 2 * 4 * 8 * 25, median_s: 1e-6 }),
  ]);
  expect(rows.map((one) => one.ideal_speedup)).toEqual([1, 1, 10, 4]);
  expect(rows.map((one) => one.achieved_over_ideal)).toEqual([1, 1, 0.4, 1]);
});
