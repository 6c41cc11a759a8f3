import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { everyRow } from "../../src/core/rows.ts";
import { overTokens, type Shape, shapeOf } from "../../src/core/shape.ts";
import { gateRows } from "../../src/verify/rows.ts";

const shapes: fc.Arbitrary<Shape> = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    heads: fc.integer({ min: 1, max: 8 }),
    length: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 2 ** 20 })),
    headDim: fc.integer({ min: 1, max: 128 }),
  })
  .map(shapeOf);
const seeds = fc.nat();

function rowsOf(places: ReturnType<typeof gateRows>, batch: number, head: number): number[] {
  return places.filter((place) => place.batch === batch && place.head === head).map(({ row }) => row);
}

describe("gateRows", () => {
  it("chooses, in every batch entry and head, distinct rows in order with the first and the last among them", () => {
    fc.assert(
      fc.property(shapes, seeds, (shape, seed) => {
        const places = gateRows(shape, seed);
        let chosen = 0;
        for (let batch = 0; batch < shape.batch; batch++) {
          for (let head = 0; head < shape.heads; head++) {
            const rows = rowsOf(places, batch, head);
            chosen += rows.length;
            expect(rows[0]).toBe(0);
            expect(rows.at(-1)).toBe(shape.length - 1);
            expect(rows.every((row, at) => Number.isInteger(row) && (at === 0 || row > rows[at - 1]))).toBe(
              true,
            );
            expect(rows.length).toBeGreaterThanOrEqual(Math.min(8, shape.length));
            expect(rows.length).toBeLessThanOrEqual(64);
          }
        }
        expect(chosen).toBe(places.length);
      }),
    );
  });

  it("chooses all rows where there are no more than eight", () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 1, max: 8 }), seeds, (shape, length, seed) => {
        const short = overTokens(shape, length);
        expect(gateRows(short, seed)).toEqual(everyRow(short));
      }),
    );
  });

  it("chooses the same rows for the same seed, and others for another", () => {
    fc.assert(
      fc.property(shapes, seeds, (shape, seed) => {
        expect(gateRows(shape, seed)).toEqual(gateRows(shape, seed));
      }),
    );
    const long = shapeOf({ batch: 1, heads: 2, length: 5000, headDim: 4 });
    expect(gateRows(long, 1)).not.toEqual(gateRows(long, 2));
    const [first, second] = [0, 1].map((head) => rowsOf(gateRows(long, 1), 0, head));
    expect(first).not.toEqual(second);
  });

  it("hits every row with some seed, so that no row of a kernel is safe", () => {
    const shape = shapeOf({ batch: 1, heads: 1, length: 150, headDim: 1 });
    const hit = new Set<number>();
    for (let seed = 0; seed < 100; seed++) for (const { row } of gateRows(shape, seed)) hit.add(row);
    expect(hit.size).toBe(150);
  });

  it("looks at both sides of powers of two, where tiles end", () => {
    const edges = gateRows(shapeOf({ batch: 1, heads: 1, length: 1000, headDim: 8 }), 1).filter(({ row }) =>
      [row, row + 1].some((edge) => edge > 0 && Number.isInteger(Math.log2(edge))),
    );
    expect(edges.length).toBeGreaterThanOrEqual(10);
  });

  it("draws at least half of the rows, however few, from all of them", () => {
    const wide = shapeOf({ batch: 1, heads: 1, length: 2 ** 20, headDim: 128 });
    for (let seed = 0; seed < 20; seed++) {
      const rows = gateRows(wide, seed);
      const edges = rows.filter(({ row }) =>
        [row, row + 1].some((edge) => Number.isInteger(Math.log2(edge))),
      );
      expect(rows.length).toBe(8);
      expect(edges.length).toBeLessThanOrEqual(5);
    }
  });

  it("keeps the reference affordable: its products do not grow with N beyond the least rows", () => {
    fc.assert(
      fc.property(shapes, seeds, (shape, seed) => {
        const rows = gateRows(shape, seed).length;
        const least = 8 * shape.batch * shape.heads;
        expect(rows <= least || rows * shape.length * shape.headDim <= 2 ** 23).toBe(true);
      }),
    );
  });
});
