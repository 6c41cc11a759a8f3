import { expect, test } from "vitest";
import { shapeOf } from "../../src/core/shape.ts";
import { parameterize } from "../../src/core/variant.ts";
import { rowsOfFull } from "../../src/run/rows-of-full.ts";
import { gateRows } from "../../src/verify/rows.ts";
import { additive } from "../../variants/dense/additive.ts";
import { full } from "../../variants/dense/full.ts";
import { rope } from "../../variants/dense/rope.ts";
import { problemOf } from "../kernels/arbitrary-problems.ts";

const shape = shapeOf({ batch: 1, heads: 8, length: 512, headDim: 64 });
const places = gateRows(shape, 1);

test("on normal numbers the mean of v is √((e - 1)/e) away from full attention", () => {
  const problem = problemOf(parameterize(full, {}).mechanism, shape, false);
  const { meanError } = rowsOfFull(problem, places) ?? { meanError: Number.NaN };
  expect(Math.abs(meanError - Math.sqrt((Math.E - 1) / Math.E))).toBeLessThan(0.02);
});

test("on peaked numbers, where single keys matter, it is all of it", () => {
  const problem = problemOf(parameterize(full, {}).mechanism, shape, false, "peaked");
  expect(rowsOfFull(problem, places)?.meanError).toBeGreaterThan(0.9);
});

test("what approximates something else has its yardstick against that, and what approximates nothing has none", () => {
  const one = shapeOf({ batch: 1, heads: 1, length: 128, headDim: 16 });
  const rows = gateRows(one, 1);
  const turned = rowsOfFull(problemOf(parameterize(rope, {}).mechanism, one, false), rows);
  const plain = rowsOfFull(problemOf(parameterize(full, {}).mechanism, one, false), rows);
  expect(turned?.meanError).not.toBe(plain?.meanError);
  expect(turned?.meanError).toBeGreaterThan(0.5);
  expect(rowsOfFull(problemOf(parameterize(additive, {}).mechanism, one, false), rows)).toBeNull();
});
