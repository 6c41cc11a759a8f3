import { expect, test } from "vitest";
import { isShown } from "../../../src/report/browser/file-choice.ts";
import { tooltipLines } from "../../../src/report/browser/tooltip.ts";
import { hiddenOf, shownText } from "../../../src/report/browser/variant-filter.ts";

test("the variants of empty boxes are hidden", () => {
  const boxes = [true, false, true, false].map((checked, place) => ({ checked, value: String(place) }));
  expect(hiddenOf(boxes)).toEqual(new Set([1, 3]));
  expect(shownText(4, 2)).toBe("2 of 4 shown");
  expect(shownText(4, 0)).toBe("all 4 shown");
});

test("one file is shown at a time, or all", () => {
  expect(["file-1", "file-2"].map((id) => isShown(id, "file-2"))).toEqual([false, true]);
  expect(["file-1", "file-2"].map((id) => isShown(id, ""))).toEqual([true, true]);
});

test("a tooltip is lines of text, cut where they are long, whatever it is made of", () => {
  expect(tooltipLines({ length: 2048, median: "1 ms", interval: null })).toEqual([
    ["length", "2048"],
    ["median", "1 ms"],
    ["interval", "–"],
  ]);
  expect(tooltipLines("text")).toEqual([["", "text"]]);
  expect([null, undefined, ""].map(tooltipLines)).toEqual([[], [], []]);
  const [[name, text]] = tooltipLines({ ["x".repeat(1000)]: `${"y".repeat(199)}\u{1f600}` });
  expect([name.length, text.length, text.isWellFormed()]).toEqual([201, 201, true]);
});
