import fc from "fast-check";
import { expect, test } from "vitest";
import { sortKey, sortOrder } from "../../../src/report/browser/sort-order.ts";
import { keyAt, nextDirection } from "../../../src/report/browser/sortable-heads.ts";

const keys = fc.array(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constant(null)));
const direction = fc.constantFrom("ascending" as const, "descending" as const);

test("sorting rows moves each once, in order, the missing last, and leaves those alike as they stood", () => {
  fc.assert(
    fc.property(keys, direction, (keys, direction) => {
      const order = sortOrder(keys, direction);
      expect([...order].sort((a, b) => a - b)).toEqual(keys.map((_, place) => place));
      for (const [at, place] of order.slice(1).entries()) {
        const [before, after] = [keys[order[at]], keys[place]];
        if (before === after) expect(order[at]).toBeLessThan(place);
        else if (before === null || after === null) expect(after).toBeNull();
        else expect(direction === "ascending" ? after - before : before - after).toBeGreaterThan(0);
      }
    }),
  );
});

test("texts sort by the numbers in them, after bare numbers", () => {
  const keys = ["plugin-10", "plugin-9", 3, "bigbird"];
  expect(sortOrder(keys, "ascending").map((place) => keys[place])).toEqual([
    3,
    "bigbird",
    "plugin-9",
    "plugin-10",
  ]);
});

test("a cell is sorted by its number, else by its text, and an empty number is missing", () => {
  const cell = (textContent: string, sort?: string) => ({
    textContent,
    dataset: sort === undefined ? {} : { sort },
  });
  expect(sortKey(cell("1.07 s", "1.07"))).toBe(1.07);
  expect(sortKey(cell("–", ""))).toBeNull();
  expect(sortKey(cell("0 s", "0"))).toBe(0);
  expect(sortKey(cell("local"))).toBe("local");
});

test("a cell that spans columns is missing in each of them, and later columns stay where they are", () => {
  const cells = [
    { colSpan: 1, textContent: "local", dataset: {} },
    { colSpan: 5, textContent: "failed: red", dataset: {} },
    { colSpan: 1, textContent: "1", dataset: { sort: "1" } },
  ];
  expect([0, 1, 5, 6, 7].map((column) => keyAt(cells, column))).toEqual(["local", null, null, 1, null]);
});

test("a head sorts rising, then falling, then not", () => {
  expect([null, "ascending", "descending"].map(nextDirection)).toEqual(["ascending", "descending", null]);
});
