import { expect, test } from "vitest";
import { CHANGE_DEFAULTS } from "../../../src/core/defaults.ts";
import type { Accepted } from "../../../src/history/accepted.ts";
import { meansCell } from "../../../src/history/changes/cells-named.ts";
import { checkChanges } from "../../../src/history/changes/check-changes.ts";
import { findChanges } from "../../../src/history/changes/find-changes.ts";
import { pointsNeeded } from "../../../src/history/changes/points-needed.ts";
import { commitHash } from "../sample-entries.ts";
import { type Planted, planted } from "./planted.ts";

const usual: Planted = {
  cells: 8,
  commits: 120,
  noise: [0.01, 0.02],
  seed: 4,
  steps: [
    { at: 30, by: 0.2, cells: 1 },
    { at: 80, by: 0.08, cells: 3 },
  ],
};

function checked(settings: Planted, start: number, accepted: readonly Accepted[] = []) {
  const { series, order } = planted(settings);
  return checkChanges(findChanges(series, order, CHANGE_DEFAULTS), order, start, accepted, CHANGE_DEFAULTS);
}

test("a slow-down in the window fails, the newest commit and the greatest change first; an older one does not", () => {
  const whole = checked(usual, 0);
  expect(whole.outcome).toBe("regressed");
  expect(whole.slowDowns.map(({ change }) => change.first)).toEqual([
    ...Array(3).fill(commitHash(80)),
    commitHash(30),
  ]);
  const ratios = whole.slowDowns.slice(0, 3).map(({ change }) => change.ratio);
  expect(ratios).toEqual(ratios.toSorted((a, b) => b - a));
  // Both came to the first cell.
  expect(whole.slowDowns[3].now).toBeGreaterThan(1.2 * 1.04);
  expect(checked(usual, 50).slowDowns).toHaveLength(3);
  const late = checked(usual, 81);
  expect(late).toMatchObject({ outcome: "fine", judged: 8, window: { from: commitHash(81), commits: 39 } });
});

test("a slow-down that was accepted does not fail, for the cells that were named, by any commit that it may have come with", () => {
  const why = "checks its bounds";
  const accept = (commit: number, cells?: readonly string[]): Accepted => ({
    commit: commitHash(commit),
    ...(cells !== undefined && { cells }),
    why,
    accepted: "2026-07-01T00:00:00Z",
  });
  const all = checked(usual, 50, [accept(80)]);
  expect(all.outcome).toBe("fine");
  expect(all.accepted.map(({ accepted }) => accepted?.why)).toEqual([why, why, why]);
  const one = checked(usual, 50, [accept(80, ["variant-1"])]);
  expect(one.slowDowns.map(({ series }) => series.cell.slice(0, 9)).sort()).toEqual([
    "variant-0",
    "variant-2",
  ]);
  expect(checked(usual, 50, [accept(95)]).outcome).toBe("regressed");
});

test("one that was taken back does not fail, and what became faster is told apart", () => {
  const back = {
    ...usual,
    steps: [
      { at: 60, by: 0.1, cells: 2 },
      { at: 90, by: 1 / 1.1 - 1, cells: 2 },
    ],
  };
  const check = checked(back, 0);
  expect(check.outcome).toBe("fine");
  expect(check.recovered.map(({ change }) => change.first)).toEqual(Array(2).fill(commitHash(60)));
  expect(check.speedUps.map(({ change }) => change.first)).toEqual(Array(2).fill(commitHash(90)));
  expect(check.slowDowns).toEqual([]);
});

test("with too few commits nothing can be told, and how many it takes is", () => {
  const few = checked({ ...usual, commits: 12, steps: [] }, 0);
  expect(few).toMatchObject({ outcome: "inconclusive", judged: 0, needed: { inWindow: 6 } });
  expect(few.needed.points).toBeGreaterThan(12);
  expect(few.short).toHaveLength(8);
  expect(checked({ ...usual, commits: few.needed.points, steps: [] }, 0).outcome).toBe("fine");
  const shortWindow = checked({ ...usual, steps: [] }, 116);
  expect(shortWindow).toMatchObject({ outcome: "inconclusive", judged: 0 });
  expect(shortWindow.short.every(({ inWindow }) => inWindow === 4)).toBe(true);
  expect(checked({ ...usual, commits: 0, steps: [] }, 0).outcome).toBe("inconclusive");
});

test("a series of as many points as it takes shows a step without noise, and with fewer none shows", () => {
  for (const judged of [1, 50, 400]) {
    const points = pointsNeeded(judged, CHANGE_DEFAULTS);
    const step = (count: number) => {
      const { series, order } = planted({
        ...usual,
        cells: judged,
        commits: count,
        noise: [1e-4, 1e-4],
        steps: [{ at: Math.floor(count / 2), by: 0.5, cells: 1 }],
      });
      return findChanges(series, order, CHANGE_DEFAULTS)[0].changes.length;
    };
    expect(step(points)).toBe(1);
    if (judged > 1) expect(step(points - 8)).toBe(0);
    expect(points).toBeGreaterThanOrEqual(2 * CHANGE_DEFAULTS.least);
  }
});

test("cells are named by their names, their variants, parts between slashes, or patterns", () => {
  const cell = "local(window=64)/wasm/b1h1n1024d64/causal";
  for (const pattern of [cell, "local", "causal", "local*", "*n1024*"])
    expect(meansCell([pattern], cell)).toBe(true);
  for (const pattern of ["loca", "full", "wasm/b1", "*n2048*"])
    expect(meansCell([pattern], cell)).toBe(false);
});

test.each([
  ["a steady drift", { steps: [], drift: 0.2 }, "slower", 8],
  ["a drift with noise that cells share", { steps: [], drift: 0.1, shared: 0.5 }, "slower", 8],
  ["a machine that was made faster", { steps: [{ at: 70, by: -0.1, cells: 10 }] }, "faster", 10],
  ["four of five cells", { cells: 5, steps: [{ at: 70, by: 0.1, cells: 4 }] }, "slower", 4],
])("nearly all cells moved alike by %s", (_, changes, direction, least) => {
  const check = checked({ ...usual, cells: 10, ...changes }, 0);
  expect(check.together).toMatchObject([{ machine: "0123456789ab", direction }]);
  expect(check.together[0].cells).toBeGreaterThanOrEqual(least);
  expect(check.together[0].judged).toBe(check.judged);
  expect(check.outcome).toBe(direction === "slower" ? "regressed" : "fine");
});

test.each([
  ["seven of ten cells", { cells: 10, steps: [{ at: 70, by: 0.1, cells: 7 }] }],
  ["all of four cells", { cells: 4, steps: [{ at: 70, by: 0.1, cells: 4 }] }],
  [
    "cells at commits that are far apart",
    {
      cells: 5,
      steps: [
        { at: 60, by: 0.1, cells: 5 },
        { at: 60, by: 1 / 1.1 - 1, cells: 3 },
        { at: 90, by: 0.1, cells: 3 },
      ],
    },
  ],
])("%s are no reason to suspect the machine", (_, changes) => {
  const check = checked({ ...usual, ...changes }, 0);
  expect(check.slowDowns.length).toBeGreaterThan(3);
  expect(check.together).toEqual([]);
});

test("cells that moved alike are no remark once that was accepted", () => {
  const all = { ...usual, steps: [{ at: 70, by: 0.1, cells: 8 }] };
  const accepted = { commit: commitHash(70), why: "checks its bounds", accepted: "2026-07-01T00:00:00Z" };
  expect(checked(all, 0).together).toMatchObject([{ commit: commitHash(70), cells: 8, judged: 8 }]);
  expect(checked(all, 0, [accepted]).together).toEqual([]);
});
