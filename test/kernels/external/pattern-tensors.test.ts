import fc from "fast-check";
import { expect, it } from "vitest";
import type { BoundPattern } from "../../../src/core/pattern.ts";
import { patternTensors } from "../../../src/kernels/external/pattern-tensors.ts";
import { algebraWithDraws } from "../../pattern/arbitrary-patterns.ts";

it("lists exactly the pairs of a pattern, as ranges and one by one", () => {
  fc.assert(
    fc.property(algebraWithDraws, fc.integer({ min: 1, max: 40 }), (pattern, length) => {
      const heads = [0, 1].map((head) => pattern.bind({ length, head }));
      const expected = heads.map((one) => pairsOf(one));
      for (const need of ["ranges", "csr"] as const) {
        const [starts, listed] = patternTensors(heads, need);
        expect(starts.sizes).toEqual([2, length + 1]);
        expect(listed.sizes[0] * (need === "ranges" ? 2 : 1)).toBe(listed.values.length);
        const found = heads.map((_, head) =>
          Array.from({ length }, (_, row) => {
            const [from, to] = [0, 1].map((next) => Number(starts.values[head * (length + 1) + row + next]));
            return need === "csr"
              ? [...listed.values.slice(from, to)].map(Number)
              : keysIn(listed.values, from, to);
          }),
        );
        expect(found).toEqual(expected);
      }
    }),
  );
});

it("lists a pattern that all heads share once", () => {
  fc.assert(
    fc.property(algebraWithDraws, (pattern) => {
      const one = pattern.bind({ length: 8, head: 0 });
      expect(patternTensors([one, one, one], "ranges")[0].sizes).toEqual([1, 9]);
    }),
  );
});

function pairsOf(pattern: BoundPattern): number[][] {
  const keys = Array.from({ length: pattern.length }, (_, key) => key);
  return keys.map((row) => keys.filter((key) => pattern.attends(row, key)));
}

function keysIn(ranges: ArrayLike<bigint | number>, from: number, to: number): number[] {
  const keys: number[] = [];
  for (let range = from; range < to; range++) {
    for (let key = Number(ranges[2 * range]); key < Number(ranges[2 * range + 1]); key++) keys.push(key);
  }
  return keys;
}
