import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ffiOrThrow } from "../../../src/kernels/native/call/program.ts";
import { createNative } from "../../../src/kernels/native/index.ts";
import { multiply, type Operand, sumRows } from "../../../src/kernels/native/products/operations.ts";

/** Floats on both sides of what may be written, and what they hold. */
const GUARD = 20;
const CANARY = 7.25;

describe.runIf(createNative().unavailable?.() === null)("sums of rows", () => {
  it("are a sum or a copy, whatever the strides, and nothing beside it is written", () => {
    const sizes = fc.record({
      rows: fc.nat({ max: 9 }),
      columns: fc.nat({ max: 70 }),
      gaps: fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 }), fc.nat({ max: 3 })),
      isSum: fc.boolean(),
    });
    fc.assert(
      fc.property(sizes, ({ rows, columns, gaps, isSum }) => {
        const [from, other, to] = gaps.map((gap, at) => matrix(rows, columns + gap, at));
        to.array.fill(CANARY);
        const means = { ffi: ffiOrThrow(), threads: 1 };
        sumRows([[{ from, ...(isSum && { other }), to, rows, columns }]], means).run();
        const expected = to.array.map(() => CANARY);
        for (let row = 0; row < rows; row++) {
          for (let column = 0; column < columns; column++) {
            const [one, two] = [from, other].map((each) => each.array[each.from + row * each.row + column]);
            expected[to.from + row * to.row + column] = isSum ? one + two : one;
          }
        }
        expect(to.array).toEqual(expected);
      }),
    );
  });
});

describe.runIf(createNative().unavailable?.() === null)("operands", () => {
  const means = () => ({ ffi: ffiOrThrow(), threads: 1 });
  const product = { rows: 3, columns: 5, inner: 4 };
  const operands = () => ({ a: matrix(3, 4, 1), b: matrix(4, 5, 2), c: matrix(3, 5, 3) });

  it("beyond their array are refused, whichever of them, by however little", () => {
    const any = fc.record({
      name: fc.constantFrom("a", "b", "c"),
      by: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 2 ** 40 })),
    });
    fc.assert(
      fc.property(any, ({ name, by }) => {
        const all = operands();
        const one: Operand = all[name as "a"];
        // The last element of a tight matrix is where its rows and columns end.
        const [rows, columns] = { a: [3, 4], b: [4, 5], c: [3, 5] }[name as "a"];
        const from = one.array.length - ((rows - 1) * one.row + columns) + by;
        const queue = multiply([[{ ...all, [name]: { ...one, from }, ...product }]], means());
        expect(() => queue.run()).toThrow(RangeError);
        const fits = multiply([[{ ...all, [name]: { ...one, from: from - by }, ...product }]], means());
        expect(() => fits.run()).not.toThrow();
      }),
    );
  });

  it("with strides, sizes or beginnings that are no whole numbers are refused", () => {
    for (const bad of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      const all = operands();
      const refused = (change: object) =>
        expect(() => multiply([[{ ...all, ...product, ...change }]], means())).toThrow(RangeError);
      refused({ rows: bad });
      refused({ inner: bad });
      refused({ a: { ...all.a, from: bad } });
      refused({ b: { ...all.b, row: bad } });
      refused({ a: { ...all.a, column: bad } });
      refused({ c: { ...all.c, column: 2 } });
    }
  });

  it("are refused once their array is detached", () => {
    const all = operands();
    const queue = multiply([[{ ...all, ...product }]], means());
    queue.run();
    structuredClone(all.b.array.buffer, { transfer: [all.b.array.buffer as ArrayBuffer] });
    expect(() => queue.run()).toThrow();
  });

  it("are read anew in every run", () => {
    const all = operands();
    const queue = multiply([[{ ...all, ...product }]], means());
    queue.run();
    const before = all.c.array.slice();
    all.a.array.fill(0);
    queue.run();
    expect(before.subarray(GUARD, GUARD + 15).some((value) => value !== 0)).toBe(true);
    expect(all.c.array.subarray(GUARD, GUARD + 15).every((value) => value === 0)).toBe(true);
  });
});

describe.runIf(createNative().unavailable?.() === null)("sequences of products", () => {
  it("follow one another, and their factors are asked in every run", () => {
    const [a, b, c] = [matrix(2, 2, 1), matrix(2, 2, 2), matrix(2, 2, 3)];
    let factor = 1;
    const sizes = { a, b, c, rows: 2, columns: 2, inner: 2 };
    const sequence = [sizes, { ...sizes, add: true, scale: () => factor }];
    const queue = multiply([[], sequence], { ffi: ffiOrThrow(), threads: 1 });
    const run = (): Float32Array => {
      queue.run();
      return c.array.slice(c.from, c.from + 4);
    };
    const twice = run();
    factor = -1;
    expect(run()).toEqual(twice.map(() => 0));
    factor = 0;
    expect(run()).toEqual(twice.map((value) => value / 2));
  });
});

/** Rows that are so many floats apart, between guards. */
function matrix(rows: number, row: number, seed: number): Operand {
  const array = Float32Array.from({ length: rows * row + 2 * GUARD }, (_, at) => Math.sin(at * 7 + seed));
  return { array, from: GUARD, row };
}
