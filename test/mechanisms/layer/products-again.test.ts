import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  productsAgain,
  someProducts,
  type TokenProduct,
} from "../../../src/mechanisms/layer/products-again.ts";
import { float32, float64, type Rounding } from "../../../src/mechanisms/oracle.ts";
import { examples } from "../../examples.ts";

/** By the definition, from the numbers as they now stand. */
function fresh({ tokens, rows, from, to, weights }: TokenProduct, round: Rounding): number[] {
  return Array.from({ length: rows * to }, (_, at) => {
    const [row, column] = [Math.floor(at / to), at % to];
    let sum = 0;
    for (let i = 0; i < from; i++) {
      sum = round(sum + round(tokens[row * from + i] * weights[i * to + column]));
    }
    return sum;
  });
}

/** What is changed in place from one time to the next, and where. */
const changes = fc.array(
  fc.tuple(
    fc.constantFrom("tokens", "weights"),
    fc.nat(),
    fc.constantFrom(0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY),
  ),
  { minLength: 1, maxLength: 8 },
);

const sizes = fc.record({
  rows: fc.integer({ min: 1, max: 6 }),
  from: fc.integer({ min: 1, max: 5 }),
  to: fc.integer({ min: 1, max: 9 }),
});

describe("products of a layer's oracle that were computed before", () => {
  it("are those of the numbers as they stand, whatever was changed in place since", () => {
    fc.assert(
      fc.property(sizes, changes, (size, planned) => {
        const { asked } = someNumbers(size);
        for (const [name, at, value] of planned) {
          for (const round of [float64, float32, float64]) {
            expect([...productsAgain(asked, round)]).toEqual(fresh(asked, round));
          }
          asked[name][at % asked[name].length] = value;
        }
      }),
      examples(300),
    );
  });

  it("are those of negatives, of what powers of two make of tokens, and of longer and shorter sequences", () => {
    const factors = fc.constantFrom(1, -1, 2, -0.25, 2 ** 20, 2 ** -30, 3, 0, Number.NaN);
    const lengths = fc.integer({ min: 1, max: 8 });
    fc.assert(
      fc.property(sizes, fc.array(fc.tuple(factors, lengths), { minLength: 1 }), (size, planned) => {
        const { asked } = someNumbers({ ...size, rows: 8 });
        for (const [factor, rows] of planned) {
          for (const round of [float64, float32]) {
            const tokens = asked.tokens
              .map((x, at) => (at < 3 ? x : factor * x))
              .subarray(0, rows * asked.from);
            const other = { ...asked, rows, tokens };
            expect([...productsAgain(other, round)]).toEqual(fresh(other, round));
          }
        }
      }),
      examples(300),
    );
  });

  it("are those of some rows alone, where only those are asked for", () => {
    fc.assert(
      fc.property(sizes, fc.nat(), (size, row) => {
        const { asked } = someNumbers(size);
        const some = row % size.rows;
        const all = fresh(asked, float32);
        const expected = all.map((x, at) => (Math.floor(at / size.to) === some ? x : 0));
        expect([...someProducts(asked, new Set([some]), float32)]).toEqual(expected);
      }),
      examples(100),
    );
  });
});

function someNumbers({ rows, from, to }: { rows: number; from: number; to: number }) {
  const numbers = (count: number) => Float32Array.from({ length: count }, (_, at) => Math.sin(at + count));
  const asked = { tokens: numbers(rows * from), weights: numbers(to * from), rows, from, to };
  return { asked };
}
