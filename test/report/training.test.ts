import fc from "fast-check";
import { expect, test } from "vitest";
import { heldInTraining, saved } from "../../src/report/answers/saved.ts";
import { backwardOverForward, trainingPays } from "../../src/report/answers/training.ts";
import { lint } from "../../src/report/lint.ts";
import { entriesOf } from "../../src/report/ranking/entries.ts";
import { seriesOf } from "../../src/report/series.ts";
import { rankingText } from "../../src/report/tables/ranking-text.ts";
import { bothPassesOf, splitAt, splitsOf } from "../../src/report/training.ts";
import { bothCrossingsOf, firstOf } from "../../src/report/training-crossings.ts";
import { onlyOf } from "../../src/report/units.ts";
import { roundMedians } from "../../src/stats/round-medians.ts";
import { sampleResults } from "./sample-results.ts";
import { sampleBackward, sampleTraining } from "./sample-training.ts";

test("what a forward pass and its backward pass take adds up to what both take, in the ratio that they were made with", () => {
  fc.assert(
    fc.property(fc.double({ min: 0.1, max: 20, noNaN: true }), (factor) => {
      const { rows } = sampleTraining({
        noise: 0,
        variants: 3,
        lengths: [256, 1024],
        backward: () => factor,
      });
      const all = bothPassesOf(rows);
      expect(all.map(({ training }) => training.label)).toEqual(["full", "local", "stride"]);
      for (const split of all.flatMap(splitsOf)) {
        expect(split.forward + split.backward).toBeCloseTo(split.both, 12);
        expect(split.ratio / factor).toBeCloseTo(1, 9);
      }
    }),
    { numRuns: 20 },
  );
});

test("where the forward pass alone took longer than both there is no split, and the lint says so", () => {
  const results = sampleTraining({ noise: 0, variants: 2, lengths: [256, 512], backward: () => -0.2 });
  expect(bothPassesOf(results.rows).map((one) => splitAt(one, 256))).toEqual([null, null]);
  expect(backwardOverForward(results.rows)).toBeNull();
  const found = lint(results).filter(({ check }) => check === "quicker-with-gradients");
  expect(found.map(({ places }) => places)).toEqual([
    "full, forward and backward at 256, 512; local, forward and backward at 256, 512",
  ]);
  const quiet = [
    sampleTraining({ noise: 0, variants: 2, lengths: [256, 512] }),
    // Without intervals it may be chance.
    sampleTraining({ noise: 0, variants: 2, lengths: [256, 512], rounds: 2, backward: () => -0.2 }),
  ];
  for (const results of quiet)
    expect(lint(results).map(({ check }) => check)).not.toContain("quicker-with-gradients");
});

test("files without both passes have nothing to say of training", () => {
  for (const results of [sampleResults(), sampleBackward()]) {
    expect(bothPassesOf(results.rows)).toEqual([]);
    expect(trainingPays(results.rows, roundMedians(results.rounds))).toBeNull();
  }
});

test("a variant whose backward pass is dearer than that of full pays from longer sequences on in training", () => {
  const at = (dear: number) => {
    const results = sampleTraining({ backward: (variant) => (variant === "bigbird" ? dear : 2) });
    const found = bothCrossingsOf(results.rows, roundMedians(results.rounds)).find(
      ({ passes }) => passes.training.variant === "bigbird",
    );
    return found === undefined ? null : firstOf(found);
  };
  expect([at(0.7), at(2), at(6)]).toEqual(["training", "alike", "inference"]);
});

test("a sentence says how much longer the backward pass takes, and another from where training pays", () => {
  const { rows, rounds } = sampleTraining();
  expect(backwardOverForward(rows)).toBe(
    "At 4k the backward pass takes 2.0× (full) to 4.0× (linear) as long as the forward pass.",
  );
  expect(trainingPays(rows, roundMedians(rounds))).toBe(
    "Faster than full in training, compared with inference, from longer sequences on: local, longformer, bigbird; not told apart: stride, global, linear.",
  );
});

test("a sentence says what is saved, and why the weights of all pairs are not", () => {
  const told = saved(seriesOf(sampleBackward({ variants: 2 }).rows));
  expect(told).toBe(
    "Saved for the backward pass at 4k: full 1.02 MiB; local 1.02 MiB; the weights of all pairs, which the textbook keeps from pass to pass, are 64.0 MiB of full and grow as N²: so attention in linear memory computes them again.",
  );
  expect(saved(seriesOf(sampleResults().rows))).toBeNull();
  const both = onlyOf("training", sampleTraining({ variants: 2 }));
  expect(heldInTraining(seriesOf(both.rows))).toMatch(
    /^Held for both passes at 4k: full 64.0 KiB; local 64.0 KiB; the weights/,
  );
});

test("series of training are compared with the baseline in training, and ranked by themselves", () => {
  const results = sampleTraining({ noise: 0, variants: 2 });
  const entries = entriesOf(results);
  const gains = (unit: string) =>
    entries
      .filter((one) => one.unit === unit && one.variant === "local")
      .map(({ points }) => points.at(-1)?.gain?.value);
  const [[inTraining], [alone]] = [gains("training"), gains("pass")];
  expect((inTraining ?? 0) / (alone ?? 1)).toBeCloseTo(3 / 3.6, 6);
  const text = rankingText(results);
  expect(text).toMatch(/^Fastest in training at 4k: local, .* as fast as full\.$/m);
  expect(text).toMatch(/^Fastest at 4k: local, /m);
  expect(text).not.toContain("local, forward");
  expect(rankingText(sampleBackward())).toMatch(
    /^Fastest backward at 4k: .*\n\nvariant +time of backward +.* saved/m,
  );
});
