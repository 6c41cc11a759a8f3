import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { overTokens, shapeOf } from "../../../src/core/shape.ts";
import { speechSource } from "../../../src/input/speech/speech.ts";
import { refusal } from "../refusal.ts";
import { scratchFolder } from "../scratch-folder.ts";
import { takePrefix } from "../take-prefix.ts";
import { rawChunk, rawFormat, rawSamples, rawWav } from "./raw-wav.ts";

const folder = scratchFolder();
const sound = (samples: readonly number[]) => rawWav([rawFormat(), rawChunk("data", rawSamples(samples))]);
const chirp = (gain: number) =>
  Array.from({ length: 8000 }, (_, at) => Math.round(gain * (Math.sin(at * at * 2e-5) + 0.3 * Math.sin(at))));
const path = folder.write("chirp.wav", sound(chirp(8000)));

describe("speech as input", () => {
  it("has a token for each frame, and says how long it lasts", () => {
    const source = speechSource(path, 0);
    expect(source).toMatchObject({ stored: true, maxLength: 98, files: [path] });
    expect(source.told?.(shapeOf({ batch: 2, heads: 8, length: 49, headDim: 64 }))).toBe(
      "speech: 1.00 s → 98 frames of 80 → 2 × 8 heads of 64",
    );
  });

  it("says if the file was cut short", () => {
    const cut = folder.write("cut.wav", sound(chirp(8000)).slice(0, -4000));
    expect(speechSource(cut, 0).told?.(shapeOf({ batch: 1, heads: 1, length: 1, headDim: 1 }))).toContain(
      "0.75 s (the file ends before its header says) → 73 frames",
    );
  });

  it("is a prefix of itself at any greater length", () => {
    const source = speechSource(path, 2);
    const shapes = fc.record({
      batch: fc.integer({ min: 1, max: 3 }),
      heads: fc.integer({ min: 1, max: 3 }),
      length: fc.integer({ min: 1, max: 32 }),
      headDim: fc.integer({ min: 1, max: 5 }),
    });
    fc.assert(
      fc.property(shapes.map(shapeOf), fc.nat(31), (shape, less) => {
        const length = Math.max(1, shape.length - less);
        expect(source.inputs(overTokens(shape, length))).toEqual(takePrefix(source.inputs(shape), length));
      }),
      { numRuns: 20 },
    );
  });

  it("does not depend on how loud it is", () => {
    const noise = Array.from({ length: 8000 }, (_, at) => (Math.imul(at + 1, 2654435761) >> 18) & ~1);
    const [loud, soft] = [noise, noise.map((sample) => sample / 2)].map((samples, at) => {
      const source = speechSource(folder.write(`noise${at}.wav`, sound(samples)), 0);
      return source.inputs(shapeOf({ batch: 1, heads: 1, length: 98, headDim: 8 })).q;
    });
    for (const [at, value] of loud.entries()) expect(soft[at]).toBeCloseTo(value, 5);
  });

  it("is its positions alone if it is silent", () => {
    const silent = speechSource(folder.write("silent.wav", sound(new Array(8000).fill(0))), 0);
    const { q } = silent.inputs(shapeOf({ batch: 1, heads: 1, length: 98, headDim: 1 }));
    // In one dimension a row is w sin p.
    for (const at of [2, 50, 97]) expect(q[at] / q[1]).toBeCloseTo(Math.sin(at) / Math.sin(1), 4);
  });

  it("refuses what is shorter than a window, and more frames than there are", () => {
    const short = folder.write("short.wav", sound(new Array(199).fill(1)));
    expect(refusal(() => speechSource(short, 0))).toContain("a sound must last 25 ms, 200 samples, got 199");
    expect(
      refusal(() => speechSource(path, 0).inputs(shapeOf({ batch: 1, heads: 1, length: 99, headDim: 1 }))),
    ).toContain("batch × length must be at most the speech's 98 tokens, got 1 × 99");
  });
});
