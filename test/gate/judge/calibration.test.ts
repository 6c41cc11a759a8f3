import { expect, test } from "vitest";
import { calibrationOf } from "../../../src/gate/judge/calibration.ts";
import { proportionInterval } from "../../../src/stats/proportion-interval.ts";
import { blocksFor, detectableEffect } from "../../../src/stats/two-stage-power.ts";
import { blockFile, cellName, only, until } from "./block-file.ts";

test("unchanged runs have no false alarm, and every cell's noise is what it was", () => {
  const found = calibrationOf(blockFile({ cells: 3, runs: 20, noise: 0.02, seed: 2 }));
  expect(found.falseAlarms).toEqual({ count: 0, of: 20, interval: proportionInterval(0, 20) });
  expect(found.falseCells).toEqual({ count: 0, of: 60, interval: proportionInterval(0, 60) });
  expect(found).toMatchObject({ inject: 0, aim: 0.05, detected: null, inconclusive: { of: 20 } });
  expect(found.cells.map((one) => one.case)).toEqual([0, 1, 2].map(cellName));
  for (const { deviation, detectable, blocks } of found.cells) {
    expect(deviation).toBeGreaterThan(0.016);
    expect(deviation).toBeLessThan(0.024);
    // Its median and its mean are two chances.
    expect(detectable).toBe(detectableEffect(deviation, 2));
    expect(blocks).toBe(blocksFor(0.05, deviation, 2));
  }
});

test("injected slow-downs are found, each in the cell of its run, and are no false alarm", () => {
  const blocks = blockFile({ cells: 4, runs: 20, noise: 0.01, inject: 0.05, seed: 3 });
  const found = calibrationOf(blocks);
  expect(found.detected).toEqual({ count: 20, of: 20, interval: proportionInterval(20, 20) });
  expect(found.falseAlarms).toMatchObject({ count: 0, of: 20 });
  expect(found.falseCells).toMatchObject({ count: 0, of: 60 });
  expect(found.inconclusive).toMatchObject({ count: 0, of: 20 });
  const injected = blocks.lines.flatMap((line) => (line.type === "stage" ? [line.injected] : []));
  expect(new Set(injected).size).toBeGreaterThan(1);
});

test("injected slow-downs too small to be found are not counted as found", () => {
  const { detected } = calibrationOf(blockFile({ cells: 2, runs: 10, noise: 0.01, inject: 0.01, seed: 4 }));
  expect(detected).toMatchObject({ count: 0, of: 10 });
});

test("an unchanged cell that came out slower is a false alarm of its run and of its cell", () => {
  const ratio = ({ run, cell, against }: { run: number; cell: string; against: string }) =>
    run === 4 && cell === cellName(1) && against === "head" ? 1.2 : 1;
  const found = calibrationOf(blockFile({ cells: 3, runs: 6, ratio }));
  expect(found.falseAlarms).toMatchObject({ count: 1, of: 6 });
  expect(found.falseCells).toMatchObject({ count: 1, of: 18 });
});

test("runs that say nothing are counted apart and judged in no other rate", () => {
  const ratio = ({ run, against }: { run: number; against: string }) =>
    run < 2 && against === "yardstick" ? 1.2 : 1;
  const found = calibrationOf(blockFile({ cells: 2, runs: 5, ratio, inject: 0.08 }));
  expect(found.inconclusive).toMatchObject({ count: 2, of: 5 });
  expect(found.falseAlarms).toMatchObject({ count: 0, of: 3 });
  expect(found.detected).toMatchObject({ count: 3, of: 3 });
  const none = calibrationOf(blockFile({ cells: 2, runs: 3, ratio: only("yardstick", 1.2) }));
  expect(none.falseAlarms).toEqual({ count: 0, of: 0, interval: null });
  expect(none.inconclusive).toMatchObject({ count: 3, of: 3 });
});

test("a run that was not finished is not counted", () => {
  const whole = blockFile({ cells: 2, runs: 4 });
  const cut = until(whole, (line) => line.type === "stage" && line.run === 2 && line.stage === 2);
  expect(calibrationOf(cut).inconclusive.of).toBe(2);
  const early = until(whole, (line) => line.type === "stage" && line.stage === 2);
  expect(calibrationOf(early)).toMatchObject({
    inconclusive: { count: 0, of: 0, interval: null },
    falseAlarms: { of: 0 },
  });
});
