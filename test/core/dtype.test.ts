import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DTYPES, type Dtype, dtypeField, formatOf, inDtype } from "../../src/core/dtype.ts";

/** The numbers beside one of a dtype, by counting up and down the bits of its float32 number. */
function neighbours(dtype: Dtype, near: number): readonly number[] {
  const { epsilon, tiniest } = formatOf(dtype);
  const power = near === 0 ? 0 : 2 ** Math.floor(Math.log2(Math.abs(near)));
  const step = Math.max(power * epsilon, tiniest);
  return [near - step, near - step / 2, near + step / 2, near + step].filter(
    (one) => formatOf(dtype).round(one) === one,
  );
}

describe("numbers of a dtype", () => {
  it.each<[Dtype, number, number]>([
    ["float32", 0.1, Math.fround(0.1)],
    ["float16", 0.1, 0.0999755859375],
    ["float16", 2049, 2048],
    ["float16", 2051, 2052],
    ["float16", 65_519.99, 65_504],
    ["float16", 65_520, Number.POSITIVE_INFINITY],
    ["float16", -65_520, Number.NEGATIVE_INFINITY],
    ["float16", 2 ** -24, 2 ** -24],
    ["float16", 2 ** -25, 0],
    ["float16", 1.01 * 2 ** -25, 2 ** -24],
    ["float16", 3 * 2 ** -25, 2 ** -23],
    ["bfloat16", 0.1, 0.10009765625],
    ["bfloat16", 257, 256],
    ["bfloat16", 259, 260],
    // A step to float32 first would make a tie of it, and round to the even number below.
    ["bfloat16", 257 + 2 ** -30, 258],
    ["bfloat16", -(257 + 2 ** -30), -258],
    ["bfloat16", 257 - 2 ** -30, 256],
    ["bfloat16", (2 - 2 ** -8) * 2 ** 127, Number.POSITIVE_INFINITY],
    ["bfloat16", -(2 - 2 ** -8) * 2 ** 127, Number.NEGATIVE_INFINITY],
    ["bfloat16", (2 - 2 ** -7) * 2 ** 127, (2 - 2 ** -7) * 2 ** 127],
    ["bfloat16", 1e300, Number.POSITIVE_INFINITY],
    ["bfloat16", 2 ** -133, 2 ** -133],
    ["bfloat16", 2 ** -134, 0],
    ["bfloat16", 3 * 2 ** -134, 2 ** -132],
    ["bfloat16", -0, -0],
    ["bfloat16", Number.NaN, Number.NaN],
    ["bfloat16", Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ])("%s rounds %d to %d", (dtype, exact, expected) => {
    expect(formatOf(dtype).round(exact)).toBe(expected);
  });

  it.each(DTYPES)("%s rounds every number to the nearest of its own, and those to themselves", (dtype) => {
    const { round, most } = formatOf(dtype);
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.double({ min: -1e5, max: 1e5 }), fc.float()), (exact) => {
        const near = round(exact);
        expect(round(near)).toBe(near);
        if (!Number.isFinite(exact) || Math.abs(near) > most) return;
        for (const other of neighbours(dtype, near)) {
          expect(Math.abs(other - exact)).toBeGreaterThanOrEqual(Math.abs(near - exact));
        }
      }),
    );
  });

  it.each(DTYPES)("the limits of %s are those of its numbers", (dtype) => {
    const { round, epsilon, tiniest, most } = formatOf(dtype);
    expect(round(1 + epsilon)).toBe(1 + epsilon);
    expect(round(1 + epsilon / 2)).toBe(1);
    expect(round(tiniest)).toBe(tiniest);
    expect(round(tiniest / 2)).toBe(0);
    expect(round(most)).toBe(most);
    expect(round(most * (1 + epsilon / 2))).toBe(Number.POSITIVE_INFINITY);
  });

  it("are in an array of their own if they are not the usual ones, which are omitted", () => {
    const values = Float32Array.of(0.1, 3);
    expect(inDtype(values, undefined)).toBe(values);
    expect(inDtype(values, "float32")).toBe(values);
    expect([...inDtype(values, "bfloat16")]).toEqual([0.10009765625, 3]);
    expect(values[0]).toBe(Math.fround(0.1));
    expect([dtypeField(undefined), dtypeField("float32"), dtypeField("float16")]).toEqual([
      {},
      {},
      { dtype: "float16" },
    ]);
  });
});
