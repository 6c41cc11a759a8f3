import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { measure } from "../../src/core/pattern.ts";
import { neighbourhood } from "../../variants/image/neighbourhood.ts";
import { expectDefinition, inBand, inWindows } from "../pattern/brute-force.ts";
import { bindVariant, defaultsOf, patternOf } from "./bound-variant.ts";
import { layersToConnect } from "./reached.ts";

const images = fc.record({ width: fc.integer({ min: 1, max: 12 }), height: fc.integer({ min: 1, max: 12 }) });
const sizes = fc.nat(8).map((half) => 2 * half + 1);
const edges = fc.constantFrom("clamp", "truncate");

describe("neighbourhood", () => {
  it("has windows of 7 × 7 pixels in rows of 64, moved inwards at edges, unless told otherwise", () => {
    expect(defaultsOf(neighbourhood)).toEqual({ width: 64, size: 7, dilation: 1, edge: "clamp" });
  });

  it("attends the window of a pixel, dilated, clamped or cut", () => {
    fc.assert(
      fc.property(
        images,
        sizes,
        fc.integer({ min: 1, max: 4 }),
        edges,
        ({ width, height }, size, dilation, edge) => {
          const bound = bindVariant(neighbourhood, { width, size, dilation, edge }, width * height);
          expectDefinition(bound, inWindows({ width, size, dilation, edge }));
        },
      ),
    );
  });

  it("counts N·min(κ,H)·min(κ,W) pairs clamped, and the product of both axes truncated", () => {
    fc.assert(
      fc.property(images, sizes, ({ width, height }, size) => {
        const clamped = bindVariant(neighbourhood, { width, size }, width * height);
        expect(clamped.pairs()).toBe(width * height * Math.min(size, height) * Math.min(size, width));
        const along = (extent: number) => {
          let pairs = 0;
          for (let t = -(size >> 1); t <= size >> 1; t++) pairs += Math.max(0, extent - Math.abs(t));
          return pairs;
        };
        const cut = bindVariant(neighbourhood, { width, size, edge: "truncate" }, width * height);
        expect(cut.pairs()).toBe(along(width) * along(height));
      }),
    );
  });

  it("gives every pixel as many keys where it clamps, and fewer at edges where it cuts", () => {
    const clamped = bindVariant(neighbourhood, { width: 6, size: 3 }, 36);
    for (let pixel = 0; pixel < 36; pixel++) expect(measure(clamped.intervals(pixel))).toBe(9);
    const cut = bindVariant(neighbourhood, { width: 6, size: 3, edge: "truncate" }, 36);
    expect([0, 1, 7].map((pixel) => measure(cut.intervals(pixel)))).toEqual([4, 6, 9]);
  });

  it("is full attention in a window as large as the image, the pixel alone in one of 1, and a band in one row", () => {
    expect(bindVariant(neighbourhood, { width: 6, size: 7 }, 36).pairs()).toBe(36 ** 2);
    expect(bindVariant(neighbourhood, { width: 6, size: 1 }, 36).pairs()).toBe(36);
    const row = bindVariant(neighbourhood, { width: 30, size: 9, edge: "truncate" }, 30);
    expectDefinition(row, inBand(4, 4));
  });

  it("connects the image in ⌈(max(H,W)-1)/⌊κ/2⌋⌉ layers where it cuts", () => {
    for (const [width, height, size] of [
      [4, 6, 3],
      [5, 5, 5],
      [7, 3, 3],
    ]) {
      const cut = bindVariant(neighbourhood, { width, size, edge: "truncate" }, width * height);
      expect(layersToConnect(cut, false)).toBe(Math.ceil((Math.max(width, height) - 1) / (size >> 1)));
    }
  });

  it("refuses a window without a middle", () => {
    expect(() => patternOf(neighbourhood, { size: 4 })).toThrow(/neighbourhood: .*size must be odd, got 4/);
  });
});
