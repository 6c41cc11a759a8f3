import { expect, test } from "vitest";
import { unlikeRow } from "../../src/paired/unlike-row.ts";

const shape = { batch: 2, heads: 3, length: 5, headDim: 4 };
const output = () => Float32Array.from({ length: 2 * 3 * 5 * 4 }, (_, at) => Math.sin(at));

test("outputs that differ by no more than is allowed are alike", () => {
  const other = output().map((value) => value + 1e-3);
  expect(unlikeRow(output(), other, shape, 1.01e-3)).toBeNull();
  expect(unlikeRow(output(), output(), shape, 0)).toBeNull();
});

test("the row that differs most is found in its head and batch entry, whatever lies in it", () => {
  for (const [wrong, allowed] of [
    [5, 1],
    [Number.NaN, 1e9],
    [Number.POSITIVE_INFINITY, 1e9],
  ]) {
    for (let row = 0; row < 2 * 3 * 5; row++) {
      const other = output();
      other[0] += 0.5;
      other[row * 4 + (row % 4)] = wrong;
      const found = { batch: Math.floor(row / 15), head: Math.floor(row / 5) % 3, row: row % 5 };
      expect(unlikeRow(output(), other, shape, allowed)).toEqual(found);
      expect(unlikeRow(other, output(), shape, allowed)).toEqual(found);
    }
  }
});

test("what is the same without being a number is alike", () => {
  const strange = output().fill(Number.NaN, 0, 4).fill(Number.NEGATIVE_INFINITY, 4, 8);
  expect(unlikeRow(strange, strange.slice(), shape, 0)).toBeNull();
});
