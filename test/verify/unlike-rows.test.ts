import { expect, test } from "vitest";
import { laidOut, OUT } from "../../src/core/outputs.ts";
import { randomStream } from "../../src/core/random.ts";
import { layoutOf, shapeOf } from "../../src/core/shape.ts";
import { unlikeRows } from "../../src/verify/unlike-rows.ts";

const shape = shapeOf({ batch: 2, heads: 3, length: 50, headDim: 4 });
const outputTensors = laidOut([{ name: OUT, layout: layoutOf(shape, "output") }]);
const count = 2 * 3 * 50 * 4;

/** Two outputs that differ by rounding everywhere. */
function outputs() {
  const random = randomStream(5);
  const a = Float32Array.from({ length: count }, () => random.gaussian());
  return { a, b: a.map((x) => x * (1 + 1e-7 * random.gaussian())) };
}

const named = (a: Float32Array, b: Float32Array) =>
  unlikeRows(a, b, outputTensors).map(({ batch, head, row }) => `${batch} ${head} ${row}`);

test("outputs that are the same to the bit have no row to look at, not even where both are NaN", () => {
  const { a } = outputs();
  a[7] = Number.NaN;
  a[9] = Number.POSITIVE_INFINITY;
  expect(named(a, a.slice())).toEqual([]);
});

test("the row that stands out is named first, wherever it is, and few others", () => {
  for (const [batch, head, row] of [
    [0, 0, 0],
    [0, 2, 49],
    [1, 1, 17],
  ]) {
    const { a, b } = outputs();
    b[((batch * 3 + head) * 50 + row) * 4 + 2] += 1e-3;
    expect(named(a, b)[0]).toBe(`${batch} ${head} ${row}`);
    expect(named(a, b).length).toBeLessThanOrEqual(8);
  }
});

test("a row of small numbers stands out by its own size", () => {
  const { a, b } = outputs();
  for (const one of [a, b]) for (let at = 40; at < 44; at++) one[at] *= 1e-8;
  b[41] += 1e-11;
  expect(named(a, b)).toContain("0 0 10");
});

test("a number against none, and against an infinity, is as far off as can be", () => {
  for (const odd of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const { a, b } = outputs();
    b[count - 1] = odd;
    expect(named(a, b)[0]).toBe("1 2 49");
    expect(named(b, a)[0]).toBe("1 2 49");
  }
});

test("a row stands out among the others where some that may differ by more are left out", () => {
  const { a, b } = outputs();
  const rightly = new Set(Array.from({ length: 20 }, (_, index) => 7 * index));
  for (const row of rightly) b[row * 4] += 1;
  b[201 * 4] += 1e-3;
  const rows = unlikeRows(a, b, outputTensors, rightly);
  expect(rows[0]).toEqual({ batch: 1, head: 1, row: 1 });
  expect(rows.every(({ batch, head, row }) => !rightly.has((batch * 3 + head) * 50 + row))).toBe(true);
});
