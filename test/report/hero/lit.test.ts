import { expect, test } from "vitest";
import { litLines, MOST_LIT } from "../../../src/report/charts/hero/lit.ts";

test("those that come first are lit, then the fastest, and what has no time at the length last", () => {
  const line = (seconds: number | null, first = false) => ({ seconds, first });
  expect(litLines([line(3), line(null), line(9, true), line(1), line(2)], 4)).toEqual([2, 3, 4, 0]);
  expect(litLines([line(null), line(5)], 4)).toEqual([1, 0]);
});

test("no more than twelve are lit", () => {
  const lines = Array.from({ length: 64 }, (_, index) => ({ seconds: index, first: index > 60 }));
  expect(litLines(lines)).toHaveLength(MOST_LIT);
  expect(litLines(lines).slice(0, 4)).toEqual([61, 62, 63, 0]);
});
