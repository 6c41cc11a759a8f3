import * as fc from "fast-check";
import { expect, test } from "vitest";
import { summarize } from "../../src/record/case-row.ts";
import type { RoundLine } from "../../src/record/schema/result-lines.ts";
import { sampleCase, sampleLines, sampleRound } from "./sample-lines.ts";

const [run] = sampleLines({ cases: 1, rounds: 20 });
const line = sampleCase("case-0", 16);
const rowOf = (rounds: readonly RoundLine[]) => summarize("mine", run, [line, ...rounds]).rows[0];
const roundOf = (samples: number[], round: number): RoundLine => ({
  ...sampleRound("case-0", round),
  samples,
});

test("a case is the median over rounds of the medians within them", () => {
  const row = rowOf([roundOf([1, 9, 2], 0), roundOf([5, 4, 100], 1), roundOf([3, 3, 3], 2)]);
  expect(row).toMatchObject({ median_s: 3, min_s: 1, samples: 9, rounds: 3, outcome: "measured" });
});

test("there is an interval from six rounds on, and it holds the median", () => {
  const seconds = fc.double({ min: 1e-9, max: 1e3, noNaN: true });
  const rounds = fc.array(fc.array(seconds, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(rounds, (all) => {
      const { median_s, low_s, high_s, min_s } = rowOf(all.map(roundOf));
      if (median_s === null || min_s === null) throw new TypeError("a measured case has a median");
      expect(min_s).toBeLessThanOrEqual(median_s);
      expect([low_s, high_s].includes(null)).toBe(all.length < 6);
      if (low_s === null || high_s === null) return;
      expect(low_s).toBeLessThanOrEqual(median_s);
      expect(high_s).toBeGreaterThanOrEqual(median_s);
    }),
  );
});

test("a part of calls, of which rounds tell the mean, has the same share of the median call and is within it", () => {
  const seconds = fc.double({ min: 1e-9, max: 1e3, noNaN: true });
  const round = fc.tuple(
    fc.array(seconds, { minLength: 1, maxLength: 5 }),
    fc.double({ min: 0.01, max: 0.99, noNaN: true }),
  );
  const partial = (samples: number[], share: number, at: number): RoundLine => ({
    ...roundOf(samples, at),
    project_s: (share * samples.reduce((sum, sample) => sum + sample, 0)) / samples.length,
  });
  fc.assert(
    fc.property(fc.array(round, { minLength: 1, maxLength: 9 }), (rounds) => {
      const { project_s = Number.NaN, median_s } = rowOf(
        rounds.map(([samples, share], at) => partial(samples, share, at)),
      );
      expect(project_s).toBeLessThan(median_s ?? 0);
      const alike = rowOf(rounds.map(([samples], at) => partial(samples, 0.25, at)));
      expect((alike.project_s ?? 0) / (alike.median_s ?? 1)).toBeCloseTo(0.25, 9);
    }),
  );
  // One slow call of four, of which half are projections as of the others.
  expect(rowOf([{ ...roundOf([2, 2, 2, 18], 0), project_s: 3 }])).toMatchObject({
    median_s: 2,
    project_s: 1,
  });
  expect(rowOf([roundOf([2], 0)])).not.toHaveProperty("project_s");
});

test("the order of rounds in the file does not matter", () => {
  const rounds = Array.from({ length: 8 }, (_, round) => roundOf([round + 1, round + 2], round));
  expect(rowOf(rounds.toReversed())).toEqual(rowOf(rounds));
});

test("a case that was passed but never timed is skipped, and says so", () => {
  expect(rowOf([])).toMatchObject({
    outcome: "skipped",
    reason: "the run ended before its first round",
    median_s: null,
  });
});

test("a warning of several rounds is told once", () => {
  const warned = [0, 1, 2].map((round) => ({ ...sampleRound("case-0", round), warnings: ["busy"] }));
  expect(rowOf(warned).warnings).toEqual(["busy"]);
});
