import { describe, expect, it } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { pixelRows } from "../../src/tasks/pixel-rows.ts";
import { examplesOf, type OneExample } from "./examples-of.ts";

const SIZE = 32;
const LABELS = 8;
/** Side of the picture to which a shape is shrunk. */
const SIDE = 8;

/** What of a shape does not depend on its size and place: the ink in each part of the box around it, of length 1. */
function shrunk(pixels: readonly number[]): readonly number[] {
  const inked = [...pixels.keys()].filter((at) => pixels[at] > 0);
  const [xs, ys] = [inked.map((at) => at % SIZE), inked.map((at) => Math.floor(at / SIZE))];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const [width, height] = [Math.max(...xs) - left + 1, Math.max(...ys) - top + 1];
  const parts = new Array<number>(SIDE * SIDE).fill(0);
  for (const [index, at] of inked.entries()) {
    const x = Math.floor((SIDE * (xs[index] - left)) / width);
    const y = Math.floor((SIDE * (ys[index] - top)) / height);
    parts[SIDE * y + x] += pixels[at];
  }
  const norm = Math.hypot(...parts);
  return parts.map((part) => part / norm);
}

function nearest(to: readonly number[], known: readonly (readonly number[])[]): number {
  const likeness = known.map((one) => one.reduce((sum, part, at) => sum + part * to[at], 0));
  return likeness.indexOf(Math.max(...likeness));
}

describe("pixel-rows", () => {
  const clear = pixelRows.bind({ noise: 0 });

  it("draws shapes that a stranger tells apart by the nearest of some he knows", () => {
    const known = examplesOf(clear, randomStream(1), 400);
    const features = known.map(({ tokens }) => shrunk(tokens));
    const asked = examplesOf(clear, randomStream(2), 200);
    const right = asked.filter(({ tokens, answers }) => {
      return known[nearest(shrunk(tokens), features)].answers[0] === answers[0];
    });
    expect(right.length / asked.length).toBeGreaterThan(0.97);
    expect(new Set(known.map(({ answers }) => answers[0])).size).toBe(LABELS);
  });

  it("needs the rows that have ink, and the others are empty but for noise", () => {
    const inkedRows = ({ tokens }: OneExample) =>
      Array.from({ length: SIZE }, (_, row) => row).filter((row) =>
        tokens.slice(row * SIZE, (row + 1) * SIZE).some((pixel) => pixel !== 0),
      );
    for (const example of examplesOf(clear, randomStream(3), 100)) {
      expect(example.needs).toEqual([inkedRows(example)]);
      expect(example.tokens.every((pixel) => pixel >= 0 && pixel <= 1)).toBe(true);
      expect(Math.max(...example.tokens)).toBe(1);
    }
  });

  it("puts shapes of many sizes anywhere, wholly within the picture", () => {
    const rows = examplesOf(clear, randomStream(4), 300).map(({ needs: [needed] }) => needed);
    const heights = rows.map((needed) => needed.length);
    expect(Math.min(...heights)).toBeLessThan(16);
    expect(Math.max(...heights)).toBeGreaterThan(24);
    expect(Math.min(...rows.map(([top]) => top))).toBeLessThanOrEqual(2);
    expect(Math.max(...rows.map((needed) => needed[needed.length - 1]))).toBeGreaterThanOrEqual(SIZE - 3);
    // No row between two that have ink has none.
    for (const needed of rows) expect(needed[needed.length - 1] - needed[0] + 1).toBe(needed.length);
    for (const { tokens } of examplesOf(clear, randomStream(5), 300)) {
      const edge = [...tokens.keys()].filter((at) => {
        const [x, y] = [at % SIZE, Math.floor(at / SIZE)];
        return x === 0 || y === 0 || x === SIZE - 1 || y === SIZE - 1;
      });
      expect(edge.every((at) => tokens[at] === 0)).toBe(true);
    }
  });

  it("adds gaussian noise of the spread that is asked for", () => {
    const { tokens } = pixelRows.bind({ noise: 0.5 }).draw(randomStream(6), 50);
    // The pixels at the picture's edge have no ink.
    const edge = [...tokens].filter((_, at) => at % SIZE === 0);
    const count = edge.length;
    const mean = edge.reduce((sum, one) => sum + one, 0) / count;
    const square = edge.reduce((sum, one) => sum + one * one, 0) / count;
    const z = 3.29;
    expect(Math.abs(mean)).toBeLessThan((z * 0.5) / Math.sqrt(count));
    expect(Math.abs(square - 0.25)).toBeLessThan(z * 0.25 * Math.sqrt(2 / count));
  });
});
