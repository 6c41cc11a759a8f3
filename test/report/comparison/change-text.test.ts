import fc from "fast-check";
import { expect, test } from "vitest";
import type { TimeVerdict } from "../../../src/compare/comparison.ts";
import {
  cellChange,
  changeText,
  detectableText,
  intervalText,
  meanChange,
} from "../../../src/report/comparison/change-text.ts";

test.each([
  [1.0523, "+5.2 %"],
  [0.88, "−12.0 %"],
  [1.5, "+50.0 %"],
  [1.004, "+0.4 %"],
  [1.000_001, "+0.0001 %"],
  [1, "0 %"],
  [2.3, "2.30×"],
  [0.43, "0.430×"],
  [0, "–"],
  [Number.NaN, "–"],
  [Number.POSITIVE_INFINITY, "–"],
])("a ratio of %d reads %s", (ratio, text) => {
  expect(changeText(ratio)).toBe(text);
});

test("a change that was not detected has no number, whatever the ratio was", () => {
  fc.assert(
    fc.property(fc.constantFrom<TimeVerdict>("same", "unresolved"), fc.double(), (medianVerdict, ratio) => {
      expect(cellChange({ medianVerdict, time: { ratio, low: null, high: null } })).toBe("~");
    }),
  );
});

test("a mean has a number only where its interval leaves 1 out and it is as large as the margin", () => {
  expect(meanChange({ ratio: 1.05, low: 1.04, high: 1.06 }, 0.03)).toBe("+5.0 %");
  expect(meanChange({ ratio: 0.9, low: 0.88, high: 0.92 }, 0.03)).toBe("−10.0 %");
  expect(meanChange({ ratio: 1.05, low: 0.99, high: 1.11 }, 0.03)).toBe("~");
  expect(meanChange({ ratio: 1.02, low: 1.01, high: 1.03 }, 0.03)).toBe("~");
  expect(meanChange({ ratio: 1.05, low: null, high: null }, 0.03)).toBe("~");
});

test("an interval says its unit once, or both ends as ratios", () => {
  expect(intervalText({ ratio: 1, low: 0.994, high: 1.009 })).toBe("−0.6 … +0.9 %");
  expect(intervalText({ ratio: 1.9, low: 1.7, high: 2.1 })).toBe("+70.0 % … 2.10×");
  expect(intervalText({ ratio: 1, low: null, high: 1.009 })).toBe("–");
});

test("what could have been seen is rounded up, never down", () => {
  expect([0.04, 0.07, 0.0311, 0.22, 0.221, 1.5, 0, null].map(detectableText)).toEqual([
    "≥ 4 %",
    "≥ 7 %",
    "≥ 3.2 %",
    "≥ 22 %",
    "≥ 23 %",
    "≥ 150 %",
    "≥ 0 %",
    "–",
  ]);
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 100, noNaN: true }), (share) => {
      const promised = Number(/[\d.e+-]+/.exec(detectableText(share))?.[0]) / 100;
      expect(promised).toBeGreaterThanOrEqual(share * (1 - 1e-9));
      expect(promised).toBeLessThan(share * 1.11);
    }),
  );
});
