import { expect, test } from "vitest";
import type { CaseRow } from "../../src/record/case-row.ts";
import { seriesOf } from "../../src/report/series.ts";
import { speedUp, speedUpWithPrepare } from "../../src/report/speed-up.ts";
import { sampleResults } from "./sample-results.ts";

const template = sampleResults({ variants: 2, lengths: [256] }).rows;

function pair(full: Partial<CaseRow>, local: Partial<CaseRow>, gain = speedUp) {
  const series = seriesOf([
    { ...template[0], ...full },
    { ...template[1], ...local },
  ]);
  return gain(series[1], 256);
}

test("the speed-up is the baseline's time over the variant's, its interval from the ends crosswise", () => {
  const full = { median_s: 12, low_s: 10, high_s: 14 };
  expect(pair(full, { median_s: 3, low_s: 2, high_s: 4 })).toEqual({ ratio: 4, low: 2.5, high: 7 });
});

test("there is no interval where either time has none", () => {
  expect(pair({ median_s: 12, low_s: null, high_s: null }, { median_s: 3 })).toEqual({
    ratio: 4,
    low: null,
    high: null,
  });
});

test("there is no speed-up where either was not measured, or took no time that a clock could see", () => {
  expect(pair({ outcome: "failed" }, {})).toBeNull();
  expect(pair({}, { outcome: "skipped" })).toBeNull();
  expect(pair({}, { median_s: 0 })).toBeNull();
  expect(pair({ median_s: 1e308 }, { median_s: 1e-308 })).toBeNull();
  expect(pair({ length: 512 }, {})).toBeNull();
});

test("the baseline is as fast as itself, exactly", () => {
  expect(speedUp(seriesOf(template)[0], 256)).toEqual({ ratio: 1, low: null, high: null });
});

test("with the time to prepare, it is added to both, and missing where either is not known", () => {
  const full = { median_s: 11, low_s: 9, high_s: 13, prepare_s: 1 };
  const local = { median_s: 2, low_s: 1, high_s: 3 };
  expect(pair(full, { ...local, prepare_s: 1 }, speedUpWithPrepare)).toEqual({ ratio: 4, low: 2.5, high: 7 });
  expect(pair(full, { ...local, prepare_s: null }, speedUpWithPrepare)).toBeNull();
  expect(pair({ ...full, prepare_s: null }, { ...local, prepare_s: 1 }, speedUpWithPrepare)).toBeNull();
  expect(pair(full, { outcome: "failed", prepare_s: 1 }, speedUpWithPrepare)).toBeNull();
});
