import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { projectBlock, ROW_BLOCK } from "../../src/input/projection.ts";

describe("projecting a block of rows", () => {
  it("gives every sum of products, each in the order of its terms", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 11 }), fc.integer({ min: 1, max: 11 }), (width, columns) => {
        const x = Float64Array.from({ length: ROW_BLOCK * width }, (_, index) => Math.sin(index + 1));
        const w = Float64Array.from({ length: columns * width }, (_, index) => Math.cos(3 * index));
        const out = new Float64Array(ROW_BLOCK * columns).fill(Number.NaN);
        projectBlock(x, w, width, out);
        const expected = Float64Array.from(out, (_, at) => {
          let sum = 0;
          for (let index = 0; index < width; index++) {
            sum += x[Math.floor(at / columns) * width + index] * w[(at % columns) * width + index];
          }
          return sum;
        });
        expect(out).toEqual(expected);
      }),
    );
  });
});
