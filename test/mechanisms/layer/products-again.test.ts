import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { productsAgain, type TokenProduct } from "../../../src/mechanisms/layer/products-again.ts";
import { float32, float64, type Rounding } from "../../../src/mechanisms/oracle.ts";
import { examples } from "../../examples.ts";

/** By the definition, from the numbers as they now stand. */
function fresh({ tokens, rows, from, to, weights, biases }: TokenProduct, round: Rounding): number[] {
  return Array.from({ length: rows * to }, (_, at) => {
    const [row, column] = [Math.floor(at / to), at % to];
    let sum = 0;
    for (let i = 0; i < from; i++) {
      sum = round(sum + round(tokens[row * from + i] * weights[column * from + i]));
    }
    return biases === null ? sum : round(sum + biases[column]);
  });
}

/** What is changed in place from one time to the next, and where. */
const changes = fc.array(
  fc.tuple(
    fc.constantFrom("tokens", "weights", "biases"),
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
      fc.property(sizes, fc.boolean(), changes, ({ rows, from, to }, hasBiases, planned) => {
        const numbers = (count: number) =>
          Float64Array.from({ length: count }, (_, at) => Math.sin(at + count));
        const all = { tokens: numbers(rows * from), weights: numbers(to * from), biases: numbers(to) };
        const asked: TokenProduct = { ...all, rows, from, to, biases: hasBiases ? all.biases : null };
        for (const [name, at, value] of planned) {
          for (const round of [float64, float32, float64]) {
            expect([...productsAgain(asked, round)]).toEqual(fresh(asked, round));
          }
          all[name][at % all[name].length] = value;
        }
      }),
      examples(300),
    );
  });

  it("belong to those who ask: what they change is not found by others", () => {
    const asked = {
      tokens: new Float64Array([2]),
      rows: 1,
      from: 1,
      weights: new Float64Array([3]),
      to: 1,
      biases: null,
    };
    productsAgain(asked, float64)[0] = 7;
    expect([...productsAgain(asked, float64)]).toEqual([6]);
  });
});
