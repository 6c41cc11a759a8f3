import FFT from "fft.js";
import type { Sound } from "./wav.ts";

/** Features of a frame. */
export const MEL_BANDS = 80;
/** The least power whose logarithm is taken. */
const LEAST_POWER = 1e-10;

/** Features of frames, row by row. */
export interface LogMel {
  /** `[frames, 80]` */
  readonly values: Float64Array;
  readonly frames: number;
}

/** Samples of 25 ms, and from one frame to the next 10 ms later: as many as fit, at 44.1 kHz 1102. */
export function framing(rate: number): { readonly window: number; readonly hop: number } {
  return { window: Math.floor((25 * rate) / 1000), hop: Math.floor(rate / 100) };
}

/**
 * The logarithm of the power in 80 bands, as of torchaudio's MelSpectrogram: windows of 25 ms, 10 ms apart, whole ones
 * only, weighed by a periodic Hann window; |FFT|²; triangles whose corners are evenly spaced in mel (2595 log10(1 +
 * f/700)) from 0 to half the rate, each 1 at its peak; ln of at least 1e-10. A window is followed by zeros up to a
 * power of two of which every band has a frequency.
 */
export function logMel({ samples, rate }: Pick<Sound, "samples" | "rate">): LogMel {
  const { window, hop } = framing(rate);
  const frames = samples.length < window ? 0 : 1 + Math.floor((samples.length - window) / hop);
  const size = transformSize(window, rate);
  const bands = melBands(size, rate);
  const weights = Float64Array.from(
    { length: window },
    (_, at) => 0.5 - 0.5 * Math.cos((2 * Math.PI * at) / window),
  );
  const fft = new FFT(size);
  const input = new Float64Array(size);
  const spectrum = new Float64Array(2 * size);
  const power = new Float64Array(size / 2 + 1);
  const values = new Float64Array(frames * MEL_BANDS);
  for (let frame = 0; frame < frames; frame++) {
    for (let at = 0; at < window; at++) input[at] = weights[at] * samples[frame * hop + at];
    fft.realTransform(spectrum, input);
    for (let bin = 0; bin < power.length; bin++)
      power[bin] = spectrum[2 * bin] ** 2 + spectrum[2 * bin + 1] ** 2;
    for (const [band, { first, heights }] of bands.entries()) {
      let sum = 0;
      for (let at = 0; at < heights.length; at++) sum += heights[at] * power[first + at];
      values[frame * MEL_BANDS + band] = Math.log(Math.max(LEAST_POWER, sum));
    }
  }
  return { values, frames };
}

/** A triangle over frequencies: its height at those from `first` on. */
interface Band {
  readonly first: number;
  readonly heights: Float64Array;
}

function transformSize(window: number, rate: number): number {
  let size = 2;
  while (size < window || melBands(size, rate).some(({ heights }) => heights.length === 0)) size *= 2;
  return size;
}

function melBands(size: number, rate: number): readonly Band[] {
  const top = melOf(rate / 2);
  const corners = Array.from({ length: MEL_BANDS + 2 }, (_, at) => hertzOf((top * at) / (MEL_BANDS + 1)));
  return Array.from({ length: MEL_BANDS }, (_, band) => {
    const [low, peak, high] = corners.slice(band, band + 3);
    // Where it is above zero.
    const first = Math.floor((low * size) / rate) + 1;
    const end = Math.min(size / 2 + 1, Math.ceil((high * size) / rate));
    const heights = Float64Array.from({ length: Math.max(0, end - first) }, (_, at) => {
      const frequency = ((first + at) * rate) / size;
      return Math.min((frequency - low) / (peak - low), (high - frequency) / (high - peak));
    });
    return { first, heights };
  });
}

function melOf(hertz: number): number {
  return 2595 * Math.log10(1 + hertz / 700);
}

function hertzOf(mel: number): number {
  return 700 * (10 ** (mel / 2595) - 1);
}
