import { describe, expect, it } from "vitest";
import { framing, logMel, MEL_BANDS } from "../../../src/input/speech/log-mel.ts";
import { goldenWorkloads } from "../golden-workloads.ts";

const RATES = [1000, 2000, 8000, 11_025, 16_000, 22_050, 44_100, 48_000, 192_000, 1_000_000];

describe("log-mel features", () => {
  it.each(goldenWorkloads.mel)("at $rate Hz are those that numpy computes from the definition", (golden) => {
    const { values, frames } = logMel({
      samples: Float32Array.from(golden.samples, (sample) => sample / 32768),
      rate: golden.rate,
    });
    expect(frames).toBe(golden.frames);
    expect(values).toHaveLength(frames * MEL_BANDS);
    for (const [at, value] of values.entries()) expect(value).toBeCloseTo(golden.features[at], 8);
  });

  it.each(RATES)("have a frequency in every band at %i Hz: a click is in all of them", (rate) => {
    const { window } = framing(rate);
    const samples = new Float32Array(window);
    samples[Math.floor(window / 2)] = 1;
    const { values, frames } = logMel({ samples, rate });
    expect(frames).toBe(1);
    // The power of a click is the same at every frequency.
    expect(Math.min(...values)).toBeGreaterThan(-5);
  });

  it("rise by ln 4 if the sound is twice as loud", () => {
    const samples = Float32Array.from({ length: 400 }, (_, at) => 0.25 * Math.sin(at * at));
    const [soft, loud] = [samples, samples.map((sample) => 2 * sample)].map((one) =>
      logMel({ samples: one, rate: 8000 }),
    );
    for (const [at, value] of soft.values.entries())
      expect(loud.values[at] - value).toBeCloseTo(Math.log(4), 6);
  });

  it("are largest in the band of a tone", () => {
    const tone = (hertz: number) => {
      const samples = Float32Array.from({ length: 400 }, (_, at) =>
        Math.sin((2 * Math.PI * hertz * at) / 16_000),
      );
      const { values } = logMel({ samples, rate: 16_000 });
      return values.indexOf(Math.max(...values));
    };
    // Band b peaks at (b + 1) / 81 of 2840 mel.
    for (const hertz of [300, 1000, 4000]) {
      const band = (81 * 2595 * Math.log10(1 + hertz / 700)) / (2595 * Math.log10(1 + 8000 / 700)) - 1;
      expect(Math.abs(tone(hertz) - band)).toBeLessThan(1);
    }
  });

  it("are of whole windows only, and at least those of silence", () => {
    const frames = (length: number) => logMel({ samples: new Float32Array(length), rate: 8000 }).frames;
    expect([0, 199, 200, 279, 280, 65_600].map(frames)).toEqual([0, 0, 1, 1, 2, 818]);
    expect(new Set(logMel({ samples: new Float32Array(400), rate: 8000 }).values)).toEqual(
      new Set([Math.log(1e-10)]),
    );
  });
});
