import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { swin } from "../../variants/image/swin.ts";
import { expectDefinition, inBlockBand, inShiftedWindows } from "../pattern/brute-force.ts";
import { bindVariant, defaultsOf } from "./bound-variant.ts";
import { connected } from "./reached.ts";

const lengths = fc.integer({ min: 1, max: 120 });
const widths = fc.integer({ min: 1, max: 20 });
const windows = fc.integer({ min: 1, max: 12 });

/** Lengths of the cells of an axis that is cut at shift, shift + window, … */
function cellsOf(extent: number, window: number, shift: number): number[] {
  const lengthOf = new Map<number, number>();
  for (let at = 0; at < extent; at++) {
    const cell = Math.floor((at - shift) / window);
    lengthOf.set(cell, (lengthOf.get(cell) ?? 0) + 1);
  }
  return [...lengthOf.values()];
}

describe("swin", () => {
  it("has windows of 7 × 7 pixels in rows of 64, not shifted and without a table, unless told otherwise", () => {
    expect(defaultsOf(swin)).toEqual({ width: 64, window: 7, shift: 0, table: false });
  });

  it("attends what roll, partition and mask of the paper leave, of a short last row too", () => {
    fc.assert(
      fc.property(widths, windows, fc.nat(14), lengths, (width, window, shift, length) => {
        const bound = bindVariant(swin, { width, window, shift }, length);
        expectDefinition(bound, inShiftedWindows(width, window, shift));
      }),
    );
  });

  it("counts the squares of the cells of both axes", () => {
    fc.assert(
      fc.property(
        widths,
        windows,
        fc.nat(14),
        fc.integer({ min: 1, max: 12 }),
        (width, window, shift, height) => {
          const squares = (extent: number) =>
            cellsOf(extent, window, shift).reduce((sum, cell) => sum + cell ** 2, 0);
          const bound = bindVariant(swin, { width, window, shift }, width * height);
          expect(bound.pairs()).toBe(squares(width) * squares(height));
        },
      ),
    );
  });

  it("is full attention in a window as large as the image, and block-local in one row", () => {
    expect(bindVariant(swin, { width: 6, window: 6 }, 36).pairs()).toBe(36 ** 2);
    expectDefinition(bindVariant(swin, { width: 30, window: 7 }, 30), inBlockBand(7, 1));
  });

  it("connects the image by layers whose windows are shifted in turn", () => {
    const layers = [0, 2, 0, 2].map((shift) => bindVariant(swin, { width: 8, window: 4, shift }, 64));
    expect(connected(layers).size).toBe(64 ** 2);
    expect(connected([layers[0], layers[0], layers[0], layers[0]]).size).toBeLessThan(64 ** 2);
  });
});
