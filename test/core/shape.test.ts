import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import {
  checkShape,
  elementCount,
  formatShape,
  MAX_ELEMENTS,
  rowOffset,
  type Shape,
  seeingRows,
  seenBytes,
  shapeOf,
} from "../../src/core/shape.ts";

const small = fc.integer({ min: 1, max: 6 });
const shapes = fc.record({ batch: small, heads: small, length: small, headDim: small }).map(shapeOf);
const dimensions = ["batch", "heads", "length", "headDim"] as const;

describe("rowOffset", () => {
  it("walks the tensor from 0 to its end, a row of headDim at a time: batch, then head, then row", () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        let offset = 0;
        for (let batch = 0; batch < shape.batch; batch++) {
          for (let head = 0; head < shape.heads; head++) {
            for (let row = 0; row < shape.length; row++) {
              expect(rowOffset(shape, batch, head, row)).toBe(offset);
              offset += shape.headDim;
            }
          }
        }
        expect(elementCount(shape)).toBe(offset);
      }),
    );
  });
});

describe("queries that see no key", () => {
  const unlike = (queries: number) =>
    shapeOf({ batch: 2, heads: 6, kvHeads: 3, length: 5, queries, headDim: 4, valueDim: 7 });

  it("are those before the first key of a causal call", () => {
    expect([3, 5, 8].map((queries) => seeingRows(unlike(queries), true))).toEqual([3, 5, 5]);
    expect([3, 5, 8].map((queries) => seeingRows(unlike(queries), false))).toEqual([3, 5, 8]);
  });

  it("need not be read, unlike all else of a call", () => {
    const [keys, values] = [2 * 3 * 5 * 4, 2 * 3 * 5 * 7];
    for (const [queries, causal, read] of [
      [3, true, 3],
      [8, false, 8],
      [8, true, 5],
    ] as const) {
      const [asked, output] = [2 * 6 * read * 4, 2 * 6 * queries * 7];
      expect(seenBytes(unlike(queries), causal)).toBe(4 * (asked + keys + values + output));
    }
  });
});

describe("checkShape", () => {
  it("gives back any shape that fits", () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        expect(checkShape(shape)).toBe(shape);
      }),
    );
    const most: Shape = shapeOf({ batch: 1, heads: 1, length: MAX_ELEMENTS, headDim: 1 });
    expect(checkShape(most)).toBe(most);
  });

  it("refuses a dimension that is no positive integer, by name and in one line", () => {
    fc.assert(
      fc.property(
        shapes,
        fc.constantFrom(...dimensions),
        fc.oneof(
          fc.constantFrom(0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
          fc.integer({ max: 0 }),
          fc.double({ max: 0.99 }),
        ),
        (shape, name, value) => {
          expect(() => checkShape({ ...shape, [name]: value })).toThrow(
            new UsageError(`shape: ${name} must be a positive integer, got ${value}`),
          );
        },
      ),
    );
  });

  it("refuses more elements than can be addressed, whichever dimension brings them", () => {
    const one: Shape = shapeOf({ batch: 1, heads: 1, length: 1, headDim: 1 });
    for (const name of dimensions) {
      for (const value of [MAX_ELEMENTS + 1, 2 ** 53, 1e300]) {
        const shape = { ...one, [name]: value };
        expect(() => checkShape(shape)).toThrow(UsageError);
        expect(() => checkShape(shape)).toThrow(
          /^shape: batch × heads × length × head dimension must be at most 1073741824 elements, got \[.*\] = [^\n]*$/,
        );
      }
    }
    expect(() => checkShape(shapeOf({ batch: 2, heads: 2, length: MAX_ELEMENTS / 4, headDim: 2 }))).toThrow(
      UsageError,
    );
  });
});

it("formatShape names the dimensions in their order", () => {
  expect(formatShape(shapeOf({ batch: 1, heads: 2, length: 3, headDim: 4 }))).toBe("[1, 2, 3, 4]");
});
