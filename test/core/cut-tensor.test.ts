import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutTensor } from "../../src/core/cut-tensor.ts";

/** Sizes of a whole, and of a part of it. */
const sizes = fc
  .array(fc.tuple(fc.nat(4), fc.nat(3)), { minLength: 1, maxLength: 4 })
  .map((pairs) => ({ from: pairs.map(([a, b]) => a + b), to: pairs.map(([a]) => a) }));

/** All indices of a tensor, in row-major order. */
function indicesOf(dims: readonly number[]): number[][] {
  return dims.reduce<number[][]>(
    (rows, size) => rows.flatMap((row) => Array.from({ length: size }, (_, index) => [...row, index])),
    [[]],
  );
}

const place = (index: readonly number[], dims: readonly number[]) =>
  index.reduce((at, one, dimension) => at * dims[dimension] + one, 0);

describe("cutTensor", () => {
  it("keeps the elements whose every index is within the part", () => {
    fc.assert(
      fc.property(sizes, ({ from, to }) => {
        const whole = Float32Array.from(indicesOf(from), (_, at) => at + 1);
        const expected = indicesOf(to).map((index) => whole[place(index, from)]);
        expect([...cutTensor(whole, from, to)]).toEqual(expected);
      }),
    );
  });

  it("refuses a part that is larger, or has other dimensions", () => {
    const whole = new Float32Array(6);
    expect(() => cutTensor(whole, [2, 3], [2, 4])).toThrow("[2, 4] must be within [2, 3]");
    expect(() => cutTensor(whole, [2, 3], [6])).toThrow("[6] must be within [2, 3]");
  });
});
