import { expect, test } from "vitest";
import { generationOf, generationRatio } from "../../src/report/generation.ts";
import { seriesOf } from "../../src/report/series.ts";
import { sampleDecode } from "./sample-decode.ts";

const series = seriesOf(sampleDecode({ noise: 0 }).rows);
const named = (label: string) => {
  const found = series.find((one) => one.label === label);
  if (found === undefined) throw new Error(`there is a series ${label}`);
  return found;
};

test("a constant time per token is summed to so many times it, measured there or between", () => {
  const linear = named("linear");
  const step = linear.rows[0].median_s ?? 0;
  for (const tokens of [1, 64, 784, 65_536]) {
    expect(generationOf(linear, tokens)?.seconds).toBeCloseTo(tokens * step, 9);
  }
});

test("the ends sum the ends of the times, and there are none where one time has none", () => {
  const noisy = seriesOf(sampleDecode().rows)[0];
  const { seconds = 0, low, high } = generationOf(noisy, 4096) ?? {};
  expect(low ?? 0).toBeGreaterThan(0.9 * seconds);
  expect(low ?? 0).toBeLessThan(seconds);
  expect(high ?? 0).toBeGreaterThan(seconds);
  const rows = noisy.rows.map((row) => (row.length === 1024 ? { ...row, low_s: null, high_s: null } : row));
  expect(generationOf({ ...noisy, rows }, 4096)).toEqual({ seconds, low: null, high: null });
  expect(generationOf({ ...noisy, rows }, 256)?.low).toBeGreaterThan(0);
});

test("nothing is said past the last measured position, and a gap is bridged", () => {
  expect(generationOf(named("full, recomputed"), 4097)).toBeNull();
  const cached = named("full, cached");
  const gap = cached.rows.filter((row) => row.length !== 1024);
  const whole = generationOf(cached, 4096)?.seconds ?? 0;
  expect((generationOf({ ...cached, rows: gap }, 4096)?.seconds ?? 0) / whole).toBeCloseTo(1, 1);
  expect(generationOf({ ...cached, rows: [] }, 1)).toBeNull();
});

test("a ratio holds whole generations against one another", () => {
  const [linear, cached] = [named("linear"), named("full, cached")];
  const ratio = generationRatio(linear, cached, 4096);
  expect(ratio?.ratio).toBe(
    (generationOf(cached, 4096)?.seconds ?? 0) / (generationOf(linear, 4096)?.seconds ?? 1),
  );
  expect(generationRatio(linear, named("full, recomputed"), 65_536)).toBeNull();
  expect(generationRatio(linear, null, 64)).toBeNull();
});
