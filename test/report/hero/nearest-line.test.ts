import { expect, test } from "vitest";
import { nearestLine } from "../../../src/report/charts/hero/nearest-line.ts";

const lines = new Map([
  [
    "rising",
    [
      { x: 0, y: 100 },
      { x: 100, y: 0 },
    ],
  ],
  [
    "level",
    [
      { x: 0, y: 20 },
      { x: 100, y: 20 },
    ],
  ],
  ["a point", [{ x: 50, y: 90 }]],
]);

test("the line that comes nearest is found between its points as well", () => {
  expect(nearestLine(lines, { x: 50, y: 47 }, 10)).toBe("rising");
  expect(nearestLine(lines, { x: 20, y: 24 }, 10)).toBe("level");
  expect(nearestLine(lines, { x: 53, y: 88 }, 10)).toBe("a point");
});

test("a line goes no further than its ends, and none is found beyond reach", () => {
  expect(nearestLine(lines, { x: 120, y: 20 }, 10)).toBeNull();
  expect(nearestLine(lines, { x: 20, y: 50 }, 10)).toBeNull();
});
