/** Lengths with no larger prime factor are transformed by their factors; others as a convolution. */
const MOST_FACTOR = 61;

/** A transform in place of n complex numbers, `X[k] = Σ_m x[m] e^(-2πi·m·k/n)`, real and imaginary parts apart. */
export interface ComplexTransform {
  run(real: Float64Array, imaginary: Float64Array): void;
  readonly bytes: number;
  /** Operations of one run. */
  readonly flops: number;
}

/** A transform of n numbers, any n from 1. */
export function complexTransform(n: number): ComplexTransform {
  const factors = factorsOf(n);
  return factors.every((factor) => factor <= MOST_FACTOR) ? byFactors(n, factors) : asConvolution(n);
}

/** Prime factors in rising order. */
function factorsOf(n: number): number[] {
  const factors: number[] = [];
  let rest = n;
  for (let factor = 2; factor * factor <= rest; factor++) {
    for (; rest % factor === 0; rest /= factor) factors.push(factor);
  }
  return rest > 1 ? [...factors, rest] : factors;
}

/**
 * Level by level, each of which splits every part into as many as its factor, and leaves them in their order
 * (Stockham's, in Cochran et al. 1967, What is the fast Fourier transform).
 */
function byFactors(n: number, factors: readonly number[]): ComplexTransform {
  const cosines = Float64Array.from({ length: n }, (_, m) => Math.cos((2 * Math.PI * m) / n));
  const sines = Float64Array.from({ length: n }, (_, m) => Math.sin((2 * Math.PI * m) / n));
  const ownReal = new Float64Array(n);
  const ownImaginary = new Float64Array(n);
  const level = (
    factor: number,
    length: number,
    stride: number,
    fromReal: Float64Array,
    fromImaginary: Float64Array,
    toReal: Float64Array,
    toImaginary: Float64Array,
  ): void => {
    const parts = length / factor;
    const turn = n / factor;
    for (let p = 0; p < parts; p++) {
      for (let k = 0; k < factor; k++) {
        const twist = (p * k * stride) % n;
        const [cosine, sine] = [cosines[twist], sines[twist]];
        const to = stride * (factor * p + k);
        for (let q = 0; q < stride; q++) {
          let real = 0;
          let imaginary = 0;
          for (let m = 0, at = 0; m < factor; m++) {
            const from = q + stride * (p + parts * m);
            const [x, y] = [fromReal[from], fromImaginary[from]];
            real += x * cosines[at] + y * sines[at];
            imaginary += y * cosines[at] - x * sines[at];
            at += turn * k;
            while (at >= n) at -= n;
          }
          toReal[to + q] = real * cosine + imaginary * sine;
          toImaginary[to + q] = imaginary * cosine - real * sine;
        }
      }
    }
  };
  return {
    bytes: 4 * cosines.byteLength,
    flops: factors.reduce((sum, factor) => sum + n * (8 * factor + 6), 0),
    run(real, imaginary) {
      let [fromReal, fromImaginary] = [real, imaginary];
      let [toReal, toImaginary]: Float64Array[] = [ownReal, ownImaginary];
      let [length, stride] = [n, 1];
      for (const factor of factors) {
        level(factor, length, stride, fromReal, fromImaginary, toReal, toImaginary);
        length /= factor;
        stride *= factor;
        [fromReal, toReal] = [toReal, fromReal];
        [fromImaginary, toImaginary] = [toImaginary, fromImaginary];
      }
      if (fromReal === real) return;
      real.set(fromReal);
      imaginary.set(fromImaginary);
    },
  };
}

/**
 * As a convolution with `e^(πi·m²/n)`, of a length that is a power of two: Bluestein 1970, A linear filtering
 * approach to the computation of discrete Fourier transform.
 */
function asConvolution(n: number): ComplexTransform {
  const size = 2 ** Math.ceil(Math.log2(2 * n - 1));
  const inner = complexTransform(size);
  // The angle of m² is taken modulo a whole turn in integers: m² is below 2^53.
  const angle = (m: number): number => (Math.PI * ((m * m) % (2 * n))) / n;
  const cosines = Float64Array.from({ length: n }, (_, m) => Math.cos(angle(m)));
  const sines = Float64Array.from({ length: n }, (_, m) => Math.sin(angle(m)));
  const chirpReal = new Float64Array(size);
  const chirpImaginary = new Float64Array(size);
  for (let m = 0; m < n; m++) {
    for (const at of [m, (size - m) % size]) {
      chirpReal[at] = cosines[m];
      chirpImaginary[at] = sines[m];
    }
  }
  inner.run(chirpReal, chirpImaginary);
  const workReal = new Float64Array(size);
  const workImaginary = new Float64Array(size);
  return {
    bytes: inner.bytes + 8 * (2 * n + 4 * size),
    flops: 2 * inner.flops + 6 * size + 14 * n,
    run(real, imaginary) {
      workReal.fill(0);
      workImaginary.fill(0);
      for (let m = 0; m < n; m++) {
        workReal[m] = real[m] * cosines[m] + imaginary[m] * sines[m];
        workImaginary[m] = imaginary[m] * cosines[m] - real[m] * sines[m];
      }
      inner.run(workReal, workImaginary);
      for (let k = 0; k < size; k++) {
        const [x, y] = [workReal[k], workImaginary[k]];
        workReal[k] = x * chirpReal[k] - y * chirpImaginary[k];
        workImaginary[k] = x * chirpImaginary[k] + y * chirpReal[k];
      }
      // With its parts exchanged the transform is its own inverse, up to the factor.
      inner.run(workImaginary, workReal);
      for (let k = 0; k < n; k++) {
        const [x, y] = [workReal[k] / size, workImaginary[k] / size];
        real[k] = x * cosines[k] + y * sines[k];
        imaginary[k] = y * cosines[k] - x * sines[k];
      }
    },
  };
}
