import { expect, test } from "vitest";
import { leftOut } from "../../src/report/charts/left-out.ts";

test("what has no error is named, in lines no wider than a chart, and the rest of many is counted", () => {
  expect(leftOut([])).toEqual([]);
  expect(leftOut(["additive"])).toEqual(["Left out, having no error against full attention: additive"]);
  const many = leftOut(Array.from({ length: 30 }, (_, at) => `variant-${at} · wasm`));
  expect(many.length).toBeGreaterThan(1);
  for (const line of many) expect(line.length).toBeLessThanOrEqual(96);
  expect(many.join(" ")).toMatch(/: variant-0 · wasm, variant-1 · wasm, .*variant-11 · wasm and 18 more$/);
});
