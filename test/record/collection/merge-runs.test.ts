import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Results, summarize } from "../../../src/record/case-row.ts";
import { mergeRuns, type ShardRun } from "../../../src/record/collection/merge-runs.ts";
import { rowAt, seriesOf } from "../../../src/report/series.ts";
import { sharedRounds } from "../../../src/report/shared-rounds.ts";
import { speedUp } from "../../../src/report/speed-up.ts";
import { median } from "../../../src/stats/median.ts";
import { roundMedians } from "../../../src/stats/round-medians.ts";
import { bareRun, sampleShards, usualSeconds } from "./sample-collection.ts";

const merged = (...shards: Parameters<typeof sampleShards>[0]) => mergeRuns("here", sampleShards(shards));

/** The speed-up of a variant at a length, as a report has it. */
function gainIn(results: Results, variant: string, length: number) {
  const series = seriesOf(results.rows).find((one) => one.variant === variant);
  return series === undefined ? null : speedUp(series, length);
}

function alone(shard: ShardRun): Results {
  return summarize("alone", bareRun(shard), shard.lines);
}

describe("on a machine that drifts between shards", () => {
  const pace = fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), { minLength: 2, maxLength: 9 });

  test("the speed-up of each variant is that within its own shard", () => {
    fc.assert(
      fc.property(pace, (paces) => {
        const shards = sampleShards(
          paces.map((factor, at) => ({
            variants: [`mine-${at}`],
            seconds: (variant, length, round) => factor * usualSeconds(variant, length, round),
          })),
        );
        const all = mergeRuns("here", shards);
        for (const [at, shard] of shards.entries()) {
          for (const length of [64, 128, 256]) {
            const own = gainIn(alone(shard), `mine-${at}`, length);
            expect(own).not.toBeNull();
            expect(gainIn(all, `mine-${at}`, length)).toEqual(own);
          }
        }
      }),
    );
  });

  test("no pair of rounds is of two shards", () => {
    fc.assert(
      fc.property(pace, (paces) => {
        const exact = (factor: number) => (variant: string) => factor * (variant === "full" ? 4e-3 : 1e-3);
        const all = merged(
          ...paces.map((factor, at) => ({ variants: [`mine-${at}`], seconds: exact(factor) })),
        );
        const times = roundMedians(all.rounds);
        for (const series of seriesOf(all.rows).filter(({ variant }) => variant !== "full")) {
          const rows = [rowAt(series, 64), rowAt(series.baseline, 64)].flatMap((row) => row ?? []);
          const shared = sharedRounds(rows, times);
          expect(shared).toHaveLength(8);
          for (const [own, baseline] of shared) expect(baseline / own).toBeCloseTo(4, 9);
        }
      }),
    );
  });

  test("what was achieved of the ideal is within a shard as well", () => {
    const [slow] = merged(
      { variants: ["fast"], seconds: (variant) => (variant === "full" ? 40 : 10) },
      { variants: ["slow"], seconds: (variant) => (variant === "full" ? 4 : 2) },
    ).rows.filter(({ variant }) => variant === "slow");
    expect((slow.achieved_over_ideal ?? 0) * (slow.ideal_speedup ?? 0)).toBeCloseTo(2, 9);
  });
});

test("rounds are numbered so that no two shards share one, in their order", () => {
  const all = merged({ rounds: 3 }, { rounds: 5 }, { rounds: 2 });
  const { shards } = all.merged ?? { shards: [] };
  expect(shards.map(({ block, end }) => [block, end])).toEqual([
    [0, 3],
    [3, 8],
    [8, 10],
  ]);
  const ofFirst = all.rounds.filter(({ case: name }) => name === all.rows[0].case);
  expect(ofFirst.map(({ round }) => round)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("one shard alone is what its run is", () => {
  const [shard] = sampleShards([{ variants: ["local", "linear"] }]);
  const { rows, rounds } = alone(shard);
  const all = mergeRuns("alone", [shard]);
  expect(all.rows.map(({ shards: _, ...row }) => row)).toEqual(rows);
  expect(all.rounds).toEqual(rounds);
});

test("the order of shards changes no case", () => {
  const shards = sampleShards([{ repeat: 0 }, { repeat: 1 }, { variants: ["linear"] }]);
  const [a, b, c] = shards;
  const told = (results: Results) =>
    results.rows
      .map(({ shards: own, warnings: _, ...row }) => ({ ...row, shards: own?.length }))
      .sort((x, y) => (x.case < y.case ? -1 : 1));
  expect(told(mergeRuns("here", [c, b, a]))).toEqual(told(mergeRuns("here", [a, b, c])));
});

describe("a case that several shards measured", () => {
  const repeats = (count: number) =>
    Array.from({ length: count }, (_, repeat) => ({
      repeat,
      seconds: (variant: string, length: number, round: number) =>
        (1 + repeat) * usualSeconds(variant, length, round),
    }));

  test("pools its rounds, and of fewer than six shards their interval", () => {
    const [row] = merged(...repeats(3)).rows;
    const medians = repeats(3).flatMap(({ seconds }) =>
      Array.from({ length: 8 }, (_, round) => seconds("full", 64, round)),
    );
    expect(row).toMatchObject({ rounds: 24, samples: 72 });
    expect(row.median_s).toBeCloseTo(median(medians), 12);
    expect(row.shards?.map(({ block }) => block)).toEqual([0, 8, 16]);
  });

  test("has with six its interval over shards, whose rounds are not independent", () => {
    const [row] = merged(...repeats(6)).rows;
    const own = (repeat: number) =>
      (1 + repeat) * median(Array.from({ length: 8 }, (_, round) => usualSeconds("full", 64, round)));
    expect(row.median_s).toBeCloseTo((own(2) + own(3)) / 2, 12);
    expect(row.low_s).toBeCloseTo(own(0), 12);
    expect(row.high_s).toBeCloseTo(own(5), 12);
  });

  test("has failed if it failed in any, and what was verified there keeps its speed-up", () => {
    const failing =
      (variant: string) =>
      (line: Parameters<NonNullable<Parameters<typeof sampleShards>[0][0]["alter"]>>[0]) =>
        line.variant === variant ? { ...line, outcome: "failed" as const, reason: "row 3" } : line;
    const all = merged({ variants: ["local"] }, { variants: ["linear"], alter: failing("full") });
    const full = all.rows.filter(({ variant }) => variant === "full");
    for (const row of full) {
      expect(row).toMatchObject({
        outcome: "failed",
        median_s: null,
        reason: "failed in 1 of 2 shards: row 3",
      });
    }
    expect(gainIn(all, "local", 64)?.ratio).toBeGreaterThan(0);
    expect(gainIn(all, "linear", 64)).toBeNull();
  });

  test("is measured if another skipped it, and says so", () => {
    const skipped = merged({}, { alter: (line) => ({ ...line, outcome: "skipped", reason: "too long" }) })
      .rows[0];
    expect(skipped).toMatchObject({
      outcome: "measured",
      rounds: 8,
      remarks: ["skipped in 1 of 2 shards: too long"],
    });
  });
});

test("cases on different inputs are no repeats of each other, though their names are the same", () => {
  const all = merged({ input: "gaussian" }, { input: "text" });
  expect(new Set(all.rows.map(({ case: name }) => name)).size).toBe(12);
  expect(all.rows.every(({ rounds }) => rounds === 8)).toBe(true);
  expect(seriesOf(all.rows)).toHaveLength(4);
});

test("the plan is that of all shards together, and knows how many rounds each case has", () => {
  const all = merged({ variants: ["local"] }, { variants: ["linear"] });
  expect(all.run.plan.cases.map(({ case: name }) => name).sort()).toEqual(
    all.rows.map(({ case: name }) => name).sort(),
  );
  expect(all.run.shard).toBeUndefined();
  for (const row of all.rows) expect(all.merged?.planned.get(row.case)).toBe(row.rounds);
});

test("rates are the best of any shard, and load the worst", () => {
  const { run } = merged(
    { environment: { load: 3, ceilings: [{ build: "wide", threads: 1, flops_per_s: 1e9 }] } },
    { environment: { load: 1, ceilings: [{ build: "wide", threads: 1, flops_per_s: 2e9 }] } },
  );
  expect(run.environment).toMatchObject({
    load: 3,
    ceilings: [{ build: "wide", threads: 1, flops_per_s: 2e9 }],
  });
});

test("shards are placed in time by when they began, and one that does not say so begins with the first", () => {
  const all = merged(
    { started: "2026-01-01T00:00:10Z" },
    { started: "2026-01-01T00:00:00Z" },
    { started: "whenever" },
  );
  const { shards } = all.merged ?? { shards: [] };
  const begun = shards.map(({ block }) => all.rounds.find(({ round }) => round === block)?.at_s);
  expect(begun).toEqual([10, 0, 0]);
});
