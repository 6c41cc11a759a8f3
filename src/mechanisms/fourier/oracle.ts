import { FLOAT32_EPSILON, FLOAT32_TINIEST } from "../../core/error-budget.ts";
import type { ExactProblem } from "../../core/problem.ts";
import { remembered } from "../../core/remembered.ts";
import { kvHeadOf, layoutOf, offsetIn } from "../../core/shape.ts";
import type { Numbers } from "../../core/tensors.ts";
import { float32, float64, type Oracle, type ReferenceRow, type Rounding, sumsOf } from "../oracle.ts";
import type { Fourier } from "./declare.ts";

/**
 * Tokens whose products are summed before sums are: roundings of a float32 pass then grow with the root of a block
 * and of their number, not with the length.
 */
const BLOCK = 64;

/**
 * The transform by its definition, row by row: for each channel j the sum over all tokens `A_j - i·B_j = Σ_n v[n, j]
 * e^(-2πi·n·k/N)`, and then `out[k, c] = Σ_j A_j cos(2π·j·c/d) - B_j sin(2π·j·c/d)`. O(N·d) a row.
 *
 * An error is relative to all that is summed, `|v|` in the Frobenius norm: an entry that happens to be small is as
 * inexact as any. Fast transforms round every number once a level, of which there are `log2(N·d)`, at random: a
 * root of as many roundings (Higham 2002, Accuracy and Stability, chapter 24). What tokens have in common is not at
 * random, and adds up: the sums of the row and the mean over all tokens, which is the largest in most data, are
 * rounded once more.
 */
export function fourierOracle({ inputs }: ExactProblem<Fourier>): Oracle {
  const { v, shape } = inputs;
  const { length, valueDim: d } = shape;
  const layout = layoutOf(shape, "v");
  const ofTokens = circle(length);
  const ofChannels = circle(d);

  const row = (start: number, k: number, round: Rounding, sizes: () => Sizes): ReferenceRow => {
    const sums = tokenSums(v.subarray(start, start + length * d), d, k, ofTokens, round);
    const values = new Float64Array(d);
    const within = sumsOf(round);
    for (let c = 0; c < d; c++) {
      let sum = 0;
      for (let j = 0; j < d; j++) {
        const at = (j * c) % d;
        const real = within(round(sums.cosines[j]) * round(ofChannels.cosines[at]));
        const imaginary = within(round(sums.sines[j]) * round(ofChannels.sines[at]));
        sum = within(within(sum + real) - imaginary);
      }
      values[c] = sum;
    }
    return {
      values,
      // Weights are cosines of either sign, at most 1.
      get magnitudes() {
        return new Float64Array(d).fill(sizes().sum);
      },
      slack() {
        const { norm, mean } = sizes();
        const random = (1 + Math.sqrt(Math.log2(length * d))) * norm;
        const own = normOf(sums.cosines, sums.sines);
        return new Float64Array(d).fill(FLOAT32_EPSILON * (random + own + mean) + FLOAT32_TINIEST);
      },
    };
  };

  return {
    rows(places, round) {
      const sizes = new Map<number, Sizes>();
      return places.map(({ batch, head, row: k }) => {
        const start = offsetIn(layout, batch, kvHeadOf(shape, head), 0);
        const ofHead = () =>
          remembered(sizes, start, () => sizesOf(v.subarray(start, start + length * d), d));
        return row(start, k, round, ofHead);
      });
    },
  };
}

/** The sum of absolute values, the root of the sum of squares, and that of the sums over all tokens. */
interface Sizes {
  readonly sum: number;
  readonly norm: number;
  readonly mean: number;
}

function sizesOf(v: Numbers, d: number): Sizes {
  let sum = 0;
  let squares = 0;
  const channels = new Float64Array(d);
  for (let at = 0; at < v.length; at += d) {
    for (let j = 0; j < d; j++) {
      const x = v[at + j];
      sum += Math.abs(x);
      squares += x * x;
      channels[j] += x;
    }
  }
  return { sum, norm: Math.sqrt(squares), mean: normOf(channels) };
}

function normOf(...all: readonly Float64Array[]): number {
  return Math.sqrt(all.reduce((sum, values) => values.reduce((squares, x) => squares + x * x, sum), 0));
}

/** `cos(2π·m/n)` and `sin(2π·m/n)`, m from 0 to n - 1. */
interface Circle {
  readonly cosines: Float64Array;
  readonly sines: Float64Array;
}

function circle(n: number): Circle {
  const angle = (m: number): number => (2 * Math.PI * m) / n;
  return {
    cosines: Float64Array.from({ length: n }, (_, m) => Math.cos(angle(m))),
    sines: Float64Array.from({ length: n }, (_, m) => Math.sin(angle(m))),
  };
}

/** `Σ_n v[n, j] cos(2π·n·k/N)` and the same with sines, of each channel j. */
function tokenSums(v: Numbers, d: number, k: number, tokens: Circle, round: Rounding): Circle {
  const length = v.length / d;
  const total = { cosines: new Float64Array(d), sines: new Float64Array(d) };
  const block = { cosines: new Float64Array(d), sines: new Float64Array(d) };
  const within = sumsOf(round);
  const add = adder(within);
  // k·n mod N, without a product that could exceed 2^53.
  let at = 0;
  for (let first = 0; first < length; first += BLOCK) {
    block.cosines.fill(0);
    block.sines.fill(0);
    for (let n = first; n < Math.min(length, first + BLOCK); n++) {
      add(v, n * d, round(tokens.cosines[at]), round(tokens.sines[at]), block);
      at = (at + k) % length;
    }
    for (let j = 0; j < d; j++) {
      total.cosines[j] = within(total.cosines[j] + block.cosines[j]);
      total.sines[j] = within(total.sines[j] + block.sines[j]);
    }
  }
  return total;
}

/** Adds one token times its cosine and its sine. */
type Adder = (v: Numbers, at: number, cosine: number, sine: number, to: Circle) => void;

/** A loop for each of the usual roundings: through a function they take many times as long. */
function adder(round: Rounding): Adder {
  if (round === float64) return addExactly;
  if (round === float32) return addNarrowly;
  return (v, at, cosine, sine, { cosines, sines }) => {
    for (let j = 0; j < cosines.length; j++) {
      cosines[j] = round(cosines[j] + round(v[at + j] * cosine));
      sines[j] = round(sines[j] + round(v[at + j] * sine));
    }
  };
}

const addExactly: Adder = (v, at, cosine, sine, { cosines, sines }) => {
  for (let j = 0; j < cosines.length; j++) {
    const x = v[at + j];
    cosines[j] += x * cosine;
    sines[j] += x * sine;
  }
};

const addNarrowly: Adder = (v, at, cosine, sine, { cosines, sines }) => {
  for (let j = 0; j < cosines.length; j++) {
    const x = v[at + j];
    cosines[j] = Math.fround(cosines[j] + Math.fround(x * cosine));
    sines[j] = Math.fround(sines[j] + Math.fround(x * sine));
  }
};
