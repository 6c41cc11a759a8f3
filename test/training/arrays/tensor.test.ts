import { describe, expect, it } from "vitest";
import type { Tensor } from "../../../src/training/arrays/tensor.ts";
import { openArrays } from "../open-arrays.ts";

const arrays = await openArrays();
const numbers = Float32Array.from({ length: 2000 }, (_, at) => 1e-3 * 1.006 ** at);

function of(make: (x: Tensor) => Tensor, x: Float32Array): { values: Float32Array; slopes: Float32Array } {
  const given = arrays.tensor(x, x.length);
  const program = arrays.program(([input]) => {
    const { gradients } = arrays.withGradients(([at]) => make(at).total(), [input]);
    return [make(input), ...gradients];
  });
  const [values, slopes] = program([given]).map((made) => made.numbers());
  return { values, slopes };
}

/** The largest error, relative where numbers are larger than 1. */
function worst(got: Float32Array, expected: (at: number) => number): number {
  return got.reduce((most, one, at) => {
    const exact = expected(at);
    return Math.max(most, Math.abs(one - exact) / Math.max(1, Math.abs(exact)));
  }, 0);
}

/** Some roundings of a float32 number. */
const ROUNDED = 4 * 2 ** -23;

describe("a tensor", () => {
  it("has logarithms, exponentials and roots to the rounding of float32, and their slopes", () => {
    const { values, slopes } = of((x) => x.log(), numbers);
    expect(worst(values, (at) => Math.log(numbers[at]))).toBeLessThan(ROUNDED);
    expect(worst(slopes, (at) => 1 / numbers[at])).toBeLessThan(ROUNDED);
    const powers = of((x) => x.mul(-1).exp(), numbers.subarray(0, 1500));
    expect(worst(powers.values, (at) => Math.exp(-numbers[at]))).toBeLessThan(ROUNDED);
    expect(worst(powers.slopes, (at) => -Math.exp(-numbers[at]))).toBeLessThan(ROUNDED);
    expect(worst(of((x) => x.sqrt(), numbers).values, (at) => Math.sqrt(numbers[at]))).toBeLessThan(ROUNDED);
  });

  it("has a softplus that is finite, with a slope, far from 0 on both sides", () => {
    const x = Float32Array.of(-200, -20, -1, 1, 20, 200);
    const { values, slopes } = of((one) => one.softplus(), x);
    expect(worst(values, (at) => Math.max(x[at], 0) + Math.log1p(Math.exp(-Math.abs(x[at]))))).toBeLessThan(
      ROUNDED,
    );
    expect(worst(slopes, (at) => 1 / (1 + Math.exp(-x[at])))).toBeLessThan(ROUNDED);
  });

  it("multiplies matrices whose other dimensions repeat on either side", () => {
    const left = arrays.tensor(
      Float32Array.from({ length: 12 }, (_, at) => at),
      3,
      1,
      2,
      2,
    );
    const right = arrays.tensor(Float32Array.of(1, 0, 0, 1, 0, 1, 1, 0), 2, 2, 2);
    const product = left.matmul(right);
    expect(product.shape).toEqual([3, 2, 2, 2]);
    // By the identity, and by the exchange of columns.
    expect([...product.numbers()].slice(8, 16)).toEqual([4, 5, 6, 7, 5, 4, 7, 6]);
  });

  it("is cut, padded and joined along any axis", () => {
    const x = arrays.matrix(2, 3, (row, column) => 3 * row + column);
    expect([...x.part(-1, 1, 3).numbers()]).toEqual([1, 2, 4, 5]);
    expect([...x.part(0, 1, 2).padded(1, 1, 0).numbers()]).toEqual([0, 3, 4, 5]);
    expect([...arrays.joined([x.part(1, 0, 1), x.part(1, 2, 3)], -1).numbers()]).toEqual([0, 2, 3, 5]);
  });

  it("is a constant to a gradient once it is stopped", () => {
    const { slopes } = of((x) => x.mul(x.stopped()), Float32Array.of(2, 3));
    expect([...slopes]).toEqual([2, 3]);
  });

  it("is still there after operations and programs, which consume nothing", () => {
    const x = arrays.tensor([1, 2], 2);
    const twice = arrays.program(([input]) => [input.add(input)]);
    for (let call = 0; call < 3; call++) expect([...twice([x])[0].numbers()]).toEqual([2, 4]);
    expect([...x.add(x).add(x).numbers()]).toEqual([3, 6]);
    x.dispose();
    expect(() => x.numbers()).toThrow();
  });
});
