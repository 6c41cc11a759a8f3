import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitRows } from "../../src/kernels/split-rows.ts";

const rows = fc.record({ from: fc.nat(50), count: fc.integer({ min: 1, max: 200 }) });

describe("splitRows", () => {
  it("cuts any rows into groups that follow each other", () => {
    fc.assert(
      fc.property(rows, fc.func(fc.nat(100)), ({ from, count }, width) => {
        let next = from;
        for (const [low, high] of splitRows(from, from + count, (a, b) => width(a, b))) {
          expect(low).toBe(next);
          expect(high - low).toBeGreaterThanOrEqual(1);
          next = high;
        }
        expect(next).toBe(from + count);
      }),
    );
  });

  it("leaves rows together that are all as wide, or attend nothing", () => {
    fc.assert(
      fc.property(rows, fc.nat(1000), ({ from, count }, width) => {
        expect(splitRows(from, from + count, () => width)).toEqual([[from, from + count]]);
      }),
    );
  });

  it("takes a wide row out of narrow ones, and never costs more than the whole groups", () => {
    const wideRow = 5;
    const width = (from: number, to: number) => (from <= wideRow && wideRow < to ? 1000 : 10);
    const groups = splitRows(0, 32, width);
    const cost = groups.reduce((sum, [from, to]) => sum + (to - from) * width(from, to), 0);
    expect(cost).toBeLessThan(32 * 1000 * 0.1);
    expect(groups.some(([from, to]) => from === wideRow && to === wideRow + 1)).toBe(true);
  });
});
