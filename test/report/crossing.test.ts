import { expect, test } from "vitest";
import { crossingOf } from "../../src/report/crossing.ts";
import { seriesOf } from "../../src/report/series.ts";
import { roundMedians } from "../../src/stats/round-medians.ts";
import { sampleResults } from "./sample-results.ts";

const results = sampleResults({ variants: 5, noise: 0.01 });
const times = roundMedians(results.rounds);
const [full, local, stride, , longformer] = seriesOf(results.rows);

test("it is always, never, or from a length on, and nothing beside no baseline", () => {
  expect(crossingOf(stride, times)).toMatchObject({ kind: "always", crossover: null });
  expect(crossingOf(longformer, times)?.kind).toBe("from");
  const slow = { ...local, rows: local.rows.map((row) => ({ ...row, median_s: 9 })) };
  expect(crossingOf(slow, new Map())).toMatchObject({ kind: "never", crossover: null });
  expect(crossingOf({ ...local, baseline: null }, times)).toBeNull();
});

test("the law's own crossing is within its interval", () => {
  // Longformer works as much as full attention at 290 tokens.
  const { length = 0, low = null, high = null } = crossingOf(longformer, times)?.crossover ?? {};
  expect(Math.abs(Math.log(length / 290))).toBeLessThan(0.02);
  expect(low).toBeLessThan(290);
  expect(high).toBeGreaterThan(290);
});

test("prepare time puts the crossing off, where only the variant needs it", () => {
  const costly = {
    ...longformer,
    baseline: { ...full, rows: full.rows.map((row) => ({ ...row, prepare_s: 0 })) },
    rows: longformer.rows.map((row) => ({ ...row, prepare_s: 0.01 })),
  };
  const [calls, first] = (["call", "with prepare"] as const).map(
    (timing) => crossingOf(costly, times, timing)?.crossover?.length ?? 0,
  );
  expect(first).toBeGreaterThan(1.3 * calls);
  const bare = crossingOf(costly, new Map(), "with prepare")?.crossover;
  expect(Math.abs(Math.log((bare?.length ?? 0) / first))).toBeLessThan(0.02);
  expect(bare).toMatchObject({ low: null, high: null });
  const unknown = { ...costly, rows: costly.rows.map((row) => ({ ...row, prepare_s: null })) };
  expect(crossingOf(unknown, times, "with prepare")).toBeNull();
});

test("lengths at which noise may have decided are named", () => {
  expect(crossingOf(local, times)?.unsure).toEqual([256]);
});

test("without rounds the medians and their intervals are taken", () => {
  const found = crossingOf(longformer, new Map())?.crossover;
  expect(found?.low).toBeLessThan(found?.length ?? 0);
  expect(found?.high).toBeGreaterThan(found?.length ?? 0);
});
