import { expect, test } from "vitest";
import { CHANGE_DEFAULTS } from "../../../src/core/defaults.ts";
import { findChanges, type JudgedSeries } from "../../../src/history/changes/find-changes.ts";
import { all } from "../../examples.ts";
import { commitHash } from "../sample-entries.ts";
import { type Planted, planted } from "./planted.ts";

/** 50 cells and 300 commits, with noise of 1 to 3 %. */
const USUAL = { cells: 50, commits: 300, noise: [0.01, 0.03] } as const;
const AGO = 40;
const AT = USUAL.commits - AGO;
const seeds = Array.from({ length: all ? 20 : 2 }, (_, index) => index + 1);

function found(settings: Planted): readonly JudgedSeries[] {
  const { series, order } = planted(settings);
  return findChanges(series, order, CHANGE_DEFAULTS);
}

/** By how many commits each change is off, of those that were planted; the others are false. */
function errors(judged: readonly JudgedSeries[], settings: Planted) {
  const truth = new Map((settings.steps ?? []).map(({ at, cells }) => [at, cells]));
  let falseOnes = 0;
  const off = judged.flatMap(({ changes }, cell) =>
    changes.flatMap(({ first }) => {
      const at = Array.from({ length: settings.commits }, (_, index) => commitHash(index)).indexOf(first);
      const near = [...truth].find(([where, cells]) => cell < cells && Math.abs(where - at) <= 20);
      if (near === undefined) falseOnes++;
      return near === undefined ? [] : [Math.abs(near[0] - at)];
    }),
  );
  return { off, falseOnes };
}

test("in 300 commits that change nothing, nothing is found, whatever the seed", () => {
  for (const seed of seeds) {
    expect(found({ ...USUAL, seed }).flatMap(({ changes }) => changes)).toEqual([]);
  }
});

test("a slow-down of 5 % in five of 50 cells, 40 commits ago in 300, is found in all of them within one commit", () => {
  for (const seed of seeds) {
    const settings = { ...USUAL, seed, steps: [{ at: AT, by: 0.05, cells: 5 }] };
    const { off, falseOnes } = errors(found(settings), settings);
    expect({ seed, found: off.length, falseOnes }).toEqual({ seed, found: 5, falseOnes: 0 });
    expect(Math.max(...off)).toBeLessThanOrEqual(1);
  }
});

test("one in a single cell is found, and the range that is told has its commit", () => {
  for (const seed of seeds) {
    const judged = found({ ...USUAL, seed, steps: [{ at: AT, by: 0.05, cells: 1 }] });
    expect(judged.slice(1).flatMap(({ changes }) => changes)).toEqual([]);
    const [{ series, changes }] = judged;
    expect(changes).toHaveLength(1);
    const [{ between, ratio, low, high, p, index, before, first }] = changes;
    expect(between[0]).toBeLessThanOrEqual(AT);
    expect(between[1]).toBeGreaterThanOrEqual(AT);
    expect(between[1] - between[0]).toBeLessThan(25);
    expect(low).toBeLessThan(ratio);
    expect(high).toBeGreaterThan(ratio);
    expect(low).toBeGreaterThan(1);
    expect(high).toBeLessThan(1.1);
    expect(p).toBeLessThan(CHANGE_DEFAULTS.falseAlarms / USUAL.cells);
    expect([before, first]).toEqual([series.points[index - 1].commit, series.points[index].commit]);
  }
});

test.each([
  ["of which one in twenty points is an outlier", { outliers: 0.05 }],
  ["that is correlated by 0.3", { correlation: 0.3 }],
  ["that is correlated by 0.6", { correlation: 0.6 }],
  ["most of which all cells share", { shared: 0.7 }],
  ["with four of ten commits not measured", { missing: 0.4 }],
] as const)("noise %s makes no false alarm", (_, more) => {
  for (const seed of seeds) {
    expect(found({ ...USUAL, ...more, seed }).flatMap(({ changes }) => changes)).toEqual([]);
  }
});

test.each([
  ["of which one in twenty points is an outlier", { outliers: 0.05 }, 1],
  ["that is correlated by 0.3", { correlation: 0.3 }, 0.7],
  ["most of which all cells share", { shared: 0.7 }, 1],
] as const)("in noise %s a slow-down of 5 % is still found where it is", (_, more, least) => {
  let sum = 0;
  for (const seed of seeds) {
    const settings = { ...USUAL, ...more, seed, steps: [{ at: AT, by: 0.05, cells: 5 }] };
    const { off, falseOnes } = errors(found(settings), settings);
    expect(falseOnes).toBe(0);
    sum += off.filter((one) => one <= 2).length;
  }
  expect(sum / (5 * seeds.length)).toBeGreaterThanOrEqual(least);
});

test("with four of ten commits not measured a slow-down is found as often as in six tenths of the history", () => {
  const shareFound = (settings: Planted, within: number): number => {
    const { off, falseOnes } = errors(found(settings), settings);
    expect(falseOnes).toBe(0);
    return off.filter((one) => one <= within).length / 5;
  };
  const shares = seeds.map((seed) => {
    const step = { by: 0.05, cells: 5 };
    const [measured, since] = [0.6 * USUAL.commits, 0.6 * AGO];
    return [
      // Where a commit was not measured, its place is told by the next that was.
      shareFound({ ...USUAL, seed, missing: 0.4, steps: [{ ...step, at: AT }] }, 3),
      shareFound({ ...USUAL, seed, commits: measured, steps: [{ ...step, at: measured - since }] }, 1),
    ];
  });
  const [some, whole] = [0, 1].map(
    (which) => shares.reduce((sum, one) => sum + one[which], 0) / seeds.length,
  );
  // Three standard errors of a difference of two shares, one draw more than seen so that it is never none.
  const draws = 5 * seeds.length;
  const spread = Math.sqrt(
    (2 * Math.min(whole, 1 - 1 / draws) * (1 - Math.min(whole, 1 - 1 / draws))) / draws,
  );
  expect(some).toBeGreaterThanOrEqual(whole - 3 * spread);
});

test("noise that triples is no change of a level in nine of ten histories", () => {
  const histories = Array.from({ length: all ? 20 : 3 }, (_, index) => index + 1);
  const alarms = histories.filter((seed) => {
    const judged = found({ ...USUAL, seed, louder: { at: 210, times: 3 } });
    return judged.some(({ changes }) => changes.length > 0);
  });
  expect(alarms.length).toBeLessThanOrEqual(all ? 3 : 1);
});

test("a slow-down that was taken back is two changes, and machines are apart", () => {
  const first = planted({
    ...USUAL,
    cells: 6,
    seed: 3,
    steps: [
      { at: 100, by: 0.1, cells: 6 },
      { at: 150, by: 1 / 1.1 - 1, cells: 6 },
    ],
  });
  // The other machine is twice as slow, from the first commit that it measured.
  const second = planted({ ...USUAL, cells: 6, seed: 3, from: 300, machine: "ba9876543210" });
  const slower = second.series.map((one) => ({
    ...one,
    points: one.points.map((point) => ({ ...point, median_s: 2 * point.median_s })),
  }));
  const order = [...first.order, ...second.order];
  const judged = findChanges([...first.series, ...slower], order, CHANGE_DEFAULTS);
  for (const { changes } of judged.slice(0, 6)) {
    expect(changes.map(({ first: commit }) => commit)).toEqual([commitHash(100), commitHash(150)]);
    expect(changes[0].ratio).toBeGreaterThan(1.07);
    expect(changes[1].ratio).toBeLessThan(0.94);
  }
  for (const { changes } of judged.slice(6)) expect(changes).toEqual([]);
});

test("a change that is smaller than the threshold is none, however certain it is", () => {
  const settings = { ...USUAL, cells: 4, noise: [0.002, 0.002], seed: 1 } as const;
  const { series, order } = planted({ ...settings, steps: [{ at: 150, by: 0.015, cells: 4 }] });
  const count = (threshold: number) =>
    findChanges(series, order, { ...CHANGE_DEFAULTS, threshold }).flatMap(({ changes }) => changes).length;
  expect(count(0.02)).toBe(0);
  expect(count(0.01)).toBe(4);
});

test("series that are constant, of two values, of one point or of none are judged without harm", () => {
  const { series, order } = planted({ ...USUAL, cells: 5, seed: 2 });
  const altered = series.map((one, cell) => ({
    ...one,
    points: one.points
      .map((point, index) => ({ ...point, median_s: cell === 1 && index % 2 === 1 ? 2e-3 : 1e-3 }))
      .slice(0, [300, 300, 1, 0, 11][cell]),
  }));
  expect(findChanges(altered, order, CHANGE_DEFAULTS).map(({ changes }) => changes)).toEqual([
    [],
    [],
    [],
    [],
    [],
  ]);
  const step = altered.map(({ points, ...one }) => ({
    ...one,
    points: points.map((point, index) => ({ ...point, median_s: index >= 200 ? 1.1e-3 : 1e-3 })),
  }));
  const [first] = findChanges(step.slice(0, 1), order, CHANGE_DEFAULTS);
  expect(first.changes).toMatchObject([{ index: 200, between: [200, 200] }]);
  expect(first.changes[0].ratio).toBeCloseTo(1.1, 12);
});

test("the same history gives the same changes, whatever order its series are in", () => {
  const { series, order } = planted({
    ...USUAL,
    cells: 12,
    seed: 9,
    steps: [{ at: AT, by: 0.05, cells: 4 }],
  });
  const forwards = findChanges(series, order, CHANGE_DEFAULTS);
  const backwards = findChanges(series.toReversed(), order, CHANGE_DEFAULTS);
  const rounded = (judged: readonly JudgedSeries[]) =>
    JSON.stringify(judged, (_, value) => (typeof value === "number" ? value.toPrecision(9) : value));
  expect(rounded(backwards.toReversed())).toBe(rounded(forwards));
});
