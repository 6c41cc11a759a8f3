import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { overTokens, shapeOf } from "../../../src/core/shape.ts";
import { imageSource } from "../../../src/input/image/image.ts";
import { refusalOf } from "../refusal.ts";
import { scratchFolder } from "../scratch-folder.ts";
import { takePrefix } from "../take-prefix.ts";
import { greyPng } from "./raw-png.ts";

const folder = scratchFolder();
const textured = (x: number, y: number) => (x * 37 + y * y * 11) % 256;
const path = folder.write("a.png", greyPng(12, 7, textured));

describe("an image as input", () => {
  it("has a token for each pixel, row by row, and says what it read", async () => {
    const source = await imageSource(path, undefined, 0);
    expect(source).toMatchObject({
      stored: true,
      maxLength: 84,
      grid: { width: 12, height: 7 },
      files: [path],
    });
    expect(source.name).toBe(`image:${path} (untrained projections)`);
    expect(source.told?.(shapeOf({ batch: 1, heads: 2, length: 84, headDim: 8 }))).toBe(
      "image: 12 × 7 → 84 pixels × 3 → 1 × 2 heads of 8",
    );
  });

  it("has a token for each whole patch", async () => {
    const source = await imageSource(path, 3, 0);
    expect(source).toMatchObject({ maxLength: 8, grid: { width: 4, height: 2 } });
    expect(source.told?.(shapeOf({ batch: 1, heads: 1, length: 8, headDim: 4 }))).toContain(
      "12 × 7 → 4 × 2 patches of 3 × 3 × 3",
    );
  });

  it("is a prefix of itself at any greater length", async () => {
    const source = await imageSource(path, undefined, 5);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 28 }),
        fc.nat(27),
        (batch, length, less) => {
          const shape = shapeOf({ batch, heads: 2, length, headDim: 3 });
          const shorter = Math.max(1, length - less);
          expect(source.inputs(overTokens(shape, shorter))).toEqual(
            takePrefix(source.inputs(shape), shorter),
          );
        },
      ),
      { numRuns: 30 },
    );
  });

  it("begins a batch entry at a row, whose rows are then counted from 0", async () => {
    // Every third row is alike, so that the entry that begins at row 3 of 7 is the same as the first.
    const rows = await imageSource(
      folder.write(
        "rows.png",
        greyPng(12, 7, (x, y) => textured(x, y % 3)),
      ),
      undefined,
      0,
    );
    const { q } = rows.inputs(shapeOf({ batch: 2, heads: 1, length: 36, headDim: 5 }));
    expect(q.subarray(0, 180)).toEqual(q.subarray(180));
    expect(q.subarray(0, 60)).not.toEqual(q.subarray(60, 120));
  });

  it("tells equal pixels of different places apart, by row and by column", async () => {
    const flat = await imageSource(
      folder.write(
        "flat.png",
        greyPng(4, 4, () => 9),
      ),
      undefined,
      0,
    );
    const { q } = flat.inputs(shapeOf({ batch: 1, heads: 1, length: 16, headDim: 8 }));
    expect(q.every(Number.isFinite)).toBe(true);
    const rows = Array.from({ length: 16 }, (_, token) => [...q.subarray(8 * token, 8 * token + 8)].join());
    expect(new Set(rows).size).toBe(16);
  });

  it("does not depend on how bright it is or how strong its contrast", async () => {
    const pixel = (x: number, y: number) => (x * 5 + y * 3) % 40;
    const [dark, bright] = await Promise.all(
      [pixel, (x: number, y: number) => 100 + 3 * pixel(x, y)].map((one, at) =>
        imageSource(folder.write(`level${at}.png`, greyPng(8, 8, one)), 2, 0),
      ),
    );
    const shape = shapeOf({ batch: 1, heads: 1, length: 16, headDim: 6 });
    const expected = dark.inputs(shape).q;
    for (const [at, value] of bright.inputs(shape).q.entries()) expect(value).toBeCloseTo(expected[at], 4);
  });

  it("has coordinates of variance about 1", async () => {
    const noise = await imageSource(
      folder.write(
        "noise.png",
        greyPng(40, 40, (x, y) => (Math.imul(x + 41 * y, 2654435761) >>> 9) % 256),
      ),
      2,
      3,
    );
    const { q, k, v } = noise.inputs(shapeOf({ batch: 1, heads: 4, length: 400, headDim: 16 }));
    for (const tensor of [q, k, v]) {
      const meanSquare = tensor.reduce((sum, value) => sum + value * value, 0) / tensor.length;
      expect(meanSquare).toBeGreaterThan(0.7);
      expect(meanSquare).toBeLessThan(1.4);
    }
  });

  it("refuses patches that do not fit", async () => {
    expect(await refusalOf(() => imageSource(path, 8, 0))).toContain(
      "a patch must be at most as large as the picture of 12 × 7 pixels, got 8 × 8",
    );
    const large = folder.write(
      "large.png",
      greyPng(129, 129, () => 0),
    );
    expect(await refusalOf(() => imageSource(large, 129, 0))).toContain(
      "at most 128 × 128 pixels, got 129 × 129",
    );
  });
});
