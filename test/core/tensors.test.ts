import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { elementCount, overTokens, rowOffset, type Shape, shapeOf } from "../../src/core/shape.ts";
import { type AttentionInputs, takePrefix } from "../../src/core/tensors.ts";

const small = fc.integer({ min: 1, max: 5 });
const shapes = fc
  .record({
    batch: small,
    heads: small,
    length: fc.integer({ min: 1, max: 12 }),
    headDim: small,
  })
  .map(shapeOf);
/** A shape and two lengths within it, the second within the first. */
const cuts = shapes.chain((shape) =>
  fc
    .integer({ min: 1, max: shape.length })
    .chain((longer) => fc.integer({ min: 1, max: longer }).map((shorter) => ({ shape, longer, shorter }))),
);

/** Inputs of which every element of every tensor is another number. */
function numbered(shape: Shape): AttentionInputs {
  const count = elementCount(shape);
  const from = (start: number): Float32Array => Float32Array.from({ length: count }, (_, at) => start + at);
  return { shape, q: from(0), k: from(count), v: from(2 * count) };
}

describe("takePrefix", () => {
  it("keeps the first tokens of every batch entry and head, in all three tensors", () => {
    fc.assert(
      fc.property(cuts, ({ shape, longer }) => {
        const whole = numbered(shape);
        const prefix = takePrefix(whole, longer);
        expect(prefix.shape).toEqual(overTokens(shape, longer));
        for (const name of ["q", "k", "v"] as const) {
          expect(prefix[name].length).toBe(elementCount(prefix.shape));
          for (let batch = 0; batch < shape.batch; batch++) {
            for (let head = 0; head < shape.heads; head++) {
              const start = rowOffset(shape, batch, head, 0);
              const kept = whole[name].slice(start, start + longer * shape.headDim);
              const at = rowOffset(prefix.shape, batch, head, 0);
              expect(prefix[name].slice(at, at + kept.length)).toEqual(kept);
            }
          }
        }
      }),
    );
  });

  it("of a prefix is the prefix of the whole", () => {
    fc.assert(
      fc.property(cuts, ({ shape, longer, shorter }) => {
        const whole = numbered(shape);
        expect(takePrefix(takePrefix(whole, longer), shorter)).toEqual(takePrefix(whole, shorter));
      }),
    );
  });

  it("of the whole length is an equal copy, and leaves the original alone", () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const whole = numbered(shape);
        const copy = takePrefix(whole, shape.length);
        expect(copy).toEqual(whole);
        copy.q.fill(Number.NaN);
        copy.k.fill(Number.NaN);
        copy.v.fill(Number.NaN);
        expect(whole).toEqual(numbered(shape));
      }),
    );
  });

  it("refuses a length that is no integer from 1 to the whole", () => {
    const whole = numbered(shapeOf({ batch: 1, heads: 1, length: 4, headDim: 2 }));
    for (const length of [0, -1, 5, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => takePrefix(whole, length)).toThrow(
        new RangeError(`takePrefix: length must be an integer from 1 to 4, got ${length}`),
      );
    }
  });
});
