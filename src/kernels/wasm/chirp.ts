import type { FourierPlan } from "./fourier-plan.ts";

/**
 * What a transform as a convolution takes: Bluestein 1970, A linear filtering approach to the computation of
 * discrete Fourier transform.
 */
export interface Chirp {
  /** `e^(-πi·n²/length)` of each token, and then the same conjugated, as pairs. */
  readonly chirp: Float32Array;
  /** The transform of `e^(πi·n²/length)`, of n on both sides of 0, over `size`: `[parts, across]`, as pairs. */
  readonly spectrum: Float32Array;
}

/** Both for so many tokens, made in float64. */
export function chirpOf(length: number, { size, parts, across }: FourierPlan): Chirp {
  const chirp = new Float32Array(4 * length);
  const real = new Float64Array(size);
  const imaginary = new Float64Array(size);
  for (let n = 0; n < length; n++) {
    // Modulo a whole turn in integers: n² is below 2^53.
    const angle = (Math.PI * ((n * n) % (2 * length))) / length;
    const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
    chirp[2 * n] = chirp[2 * (length + n)] = cosine;
    chirp[2 * n + 1] = -sine;
    chirp[2 * (length + n) + 1] = sine;
    for (const at of [n, (size - n) % size]) {
      real[at] = cosine;
      imaginary[at] = sine;
    }
  }
  transform(real, imaginary);
  const spectrum = new Float32Array(2 * size);
  for (let k = 0; k < parts; k++) {
    for (let at = 0; at < across; at++) {
      spectrum[2 * (k * across + at)] = real[k + parts * at] / size;
      spectrum[2 * (k * across + at) + 1] = imaginary[k + parts * at] / size;
    }
  }
  return { chirp, spectrum };
}

/** A transform in place, of as many numbers as a power of two: Cooley and Tukey 1965, doi 10.2307/2003354. */
function transform(real: Float64Array, imaginary: Float64Array): void {
  const n = real.length;
  const cosines = Float64Array.from({ length: n / 2 }, (_, m) => Math.cos((2 * Math.PI * m) / n));
  const sines = Float64Array.from({ length: n / 2 }, (_, m) => Math.sin((2 * Math.PI * m) / n));
  for (let at = 1, reversed = 0; at < n; at++) {
    let bit = n >> 1;
    for (; reversed & bit; bit >>= 1) reversed ^= bit;
    reversed ^= bit;
    if (at >= reversed) continue;
    [real[at], real[reversed]] = [real[reversed], real[at]];
    [imaginary[at], imaginary[reversed]] = [imaginary[reversed], imaginary[at]];
  }
  for (let half = 1; half < n; half *= 2) {
    const step = n / (2 * half);
    for (let first = 0; first < n; first += 2 * half) {
      for (let m = 0; m < half; m++) {
        const low = first + m;
        const high = low + half;
        const [cosine, sine] = [cosines[m * step], sines[m * step]];
        const x = real[high] * cosine + imaginary[high] * sine;
        const y = imaginary[high] * cosine - real[high] * sine;
        real[high] = real[low] - x;
        imaginary[high] = imaginary[low] - y;
        real[low] += x;
        imaginary[low] += y;
      }
    }
  }
}
