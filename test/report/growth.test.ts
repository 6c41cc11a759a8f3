import { describe, expect, test } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { exponentText, growthOf, growthOverRounds, isHiddenQuadratic } from "../../src/report/growth.ts";
import { seriesOf } from "../../src/report/series.ts";
import { roundMedians } from "../../src/stats/round-medians.ts";
import { sampleResults } from "./sample-results.ts";

/** The growth of `local`, declared linear, whose time is as given. */
function growthWith(lengths: readonly number[], seconds: (length: number) => number) {
  const results = sampleResults({ variants: 2, lengths, noise: 0 });
  const rows = results.rows
    .filter((row) => row.variant === "local")
    .map((row) => ({ ...row, median_s: seconds(row.length) }));
  const random = randomStream(5);
  const rounds = results.rounds.flatMap((round) => {
    const row = rows.find((one) => one.case === round.case);
    return row === undefined
      ? []
      : [{ ...round, samples: [row.median_s * Math.exp(0.01 * random.gaussian())] }];
  });
  return growthOverRounds(seriesOf(rows)[0], roundMedians(rounds));
}

const five = [256, 512, 1024, 2048, 4096];

test("the upper half is the longest half of the lengths, three at least, and there is none of fewer than four", () => {
  const spans = [3, 4, 5, 6, 7, 8, 12].map((count) => {
    const lengths = Array.from({ length: count }, (_, index) => 64 << index);
    const { upper } = growthWith(lengths, (length) => 1e-6 * length);
    return upper === null ? null : 1 + Math.log2(upper.to / upper.from);
  });
  expect(spans).toEqual([null, 3, 3, 3, 4, 4, 6]);
});

test("without rounds the upper half has an exponent and no interval", () => {
  const [series] = seriesOf(sampleResults({ variants: 1, lengths: five, noise: 0 }).rows);
  expect(growthOf(series).upper?.time).toMatchObject({ low: null, high: null });
  expect(growthOf(series).upper?.time.slope).toBeCloseTo(2, 2);
});

test("an exponent is written with half its interval, rounded up", () => {
  expect(exponentText({ slope: 1.0249, low: 1, high: 1.0501 })).toBe("N^1.02 ± 0.03");
  expect(exponentText({ slope: 1, low: 1, high: 1 })).toBe("N^1.00 ± 0.00");
  expect(exponentText({ slope: 1, low: null, high: null })).toBe("N^1.00");
});

describe("a hidden quadratic", () => {
  test("is one that takes half of the time at the longest length", () => {
    const growth = growthWith(five, (length) => 1e-6 * length * (1 + length / 4096));
    expect(growth.upper?.time.slope).toBeCloseTo(1.34, 1);
    expect(isHiddenQuadratic(growth)).toBe(true);
  });

  test("is none where time grows as declared, or more slowly because of a fixed cost", () => {
    expect(isHiddenQuadratic(growthWith(five, (length) => 1e-6 * length))).toBe(false);
    expect(isHiddenQuadratic(growthWith(five, (length) => 1e-3 + 1e-6 * length))).toBe(false);
  });

  test("is none where growth has come down to what is declared, as when a window covers the shorter lengths", () => {
    const growth = growthWith(five, (length) => 1e-9 * length * Math.min(length, 2048));
    expect(growth.upper?.time.slope).toBeGreaterThan(1.3);
    expect(isHiddenQuadratic(growth)).toBe(false);
  });

  test("is seen once in a thousand runs at most where every length is off a linear law by 3 %", () => {
    const random = randomStream(6);
    const seen = Array.from({ length: 1000 }, () =>
      isHiddenQuadratic(growthWith(five, (length) => 1e-6 * length * Math.exp(0.03 * random.gaussian()))),
    );
    expect(seen.filter(Boolean).length).toBeLessThanOrEqual(1);
  });
});
