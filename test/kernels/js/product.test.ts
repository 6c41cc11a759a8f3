import fc from "fast-check";
import { expect, it } from "vitest";
import { randomStream } from "../../../src/core/random.ts";
import { addProduct } from "../../../src/kernels/js/product.ts";

const small = fc.integer({ min: 0, max: 9 });

it("addProduct adds a · bᵀ at any place and stride, and touches nothing else", () => {
  fc.assert(
    fc.property(small, small, small, small, small, small, (rows, columns, inner, aAt, outAt, spare) => {
      const random = randomStream(rows, columns, inner, aAt);
      const [aStride, bStride, outStride] = [inner + spare, inner + 2 * spare, columns + spare];
      const numbers = (count: number) => Float64Array.from({ length: count }, () => random.below(100) - 50);
      const a = numbers(aAt + rows * aStride + 1);
      const b = numbers(columns * bStride + 1);
      const out = numbers(outAt + rows * outStride + 1);
      const expected = out.slice();
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          for (let i = 0; i < inner; i++) {
            expected[outAt + row * outStride + column] +=
              a[aAt + row * aStride + i] * b[column * bStride + i];
          }
        }
      }
      addProduct(a, aAt, aStride, b, bStride, out, outAt, outStride, rows, columns, inner);
      expect(out).toEqual(expected);
    }),
  );
});
