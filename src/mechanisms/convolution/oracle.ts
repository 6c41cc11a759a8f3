import { FLOAT32_EPSILON, FLOAT32_TINIEST } from "../../core/error-budget.ts";
import type { ExactProblem } from "../../core/problem.ts";
import { kvHeadOf, layoutOf, offsetIn } from "../../core/shape.ts";
import { type Numbers, tensorNamed } from "../../core/tensors.ts";
import { float32, float64, type Oracle, type Rounding, rowByRow, sumsOf } from "../oracle.ts";
import { type Convolution, type Image, pixelAt, tokensBefore, WEIGHTS } from "./declare.ts";

/** A convolution by its definition: each row a sum over the tokens of its window that there are. */
export function convolutionOracle(problem: ExactProblem<Convolution>): Oracle {
  const { mechanism, inputs, causal } = problem;
  const { shape } = inputs;
  const { length, valueDim: d } = shape;
  const { form, taps } = mechanism;
  const [firstName, secondName] = WEIGHTS[form];
  const first = tensorNamed(inputs, firstName);
  const second = secondName === null ? null : tensorNamed(inputs, secondName);
  const perTap = form === "depthwise" ? d : d * d;
  const valuesLayout = layoutOf(shape, "v");

  return rowByRow((batch, head, row, round) => {
    const valuesAt = offsetIn(valuesLayout, batch, kvHeadOf(shape, head), 0);
    const window = windowTokens(mechanism, causal, length, row).map(({ token, tap }) => ({
      valuesAt: valuesAt + token * d,
      weightsAt: (head * taps + tap) * perTap,
    }));
    if (form === "depthwise") return depthwise(inputs.v, first, window, d, round);
    const summed = full(inputs.v, first, window, d, round);
    return second === null ? summed : layer(summed, second, head * d * d, d, round);
  });
}

/** The tokens of a row's window that there are, each with its tap. */
export function windowTokens(
  mechanism: Convolution,
  causal: boolean,
  length: number,
  row: number,
): readonly { readonly token: number; readonly tap: number }[] {
  const { taps, image } = mechanism;
  const tokenOf =
    image === undefined ? inSequence(mechanism, causal, length, row) : inImage(image, length, row);
  return Array.from({ length: taps }, (_, tap) => ({ tap, token: tokenOf(tap) })).flatMap(({ tap, token }) =>
    token === null ? [] : [{ tap, token }],
  );
}

/** The token of each tap; null where that is zeros. */
type TokenOf = (tap: number) => number | null;

function inSequence(mechanism: Convolution, causal: boolean, length: number, row: number): TokenOf {
  const first = row - tokensBefore(mechanism, causal);
  return (tap) => (first + tap >= 0 && first + tap < length ? first + tap : null);
}

function inImage(image: Image, length: number, row: number): TokenOf {
  const { width, side } = image;
  const [line, column] = [Math.floor(row / width), row % width];
  const before = Math.floor(side / 2);
  return (tap) =>
    pixelAt(image, length / width, line - before + Math.floor(tap / side), column - before + (tap % side));
}

/** The tokens of a window that there are: where each begins in v, and where the weights of its tap do. */
type Window = readonly { readonly valuesAt: number; readonly weightsAt: number }[];

/** Sums, the same of the absolute products, and how far the products' roundings may move them. */
interface Sums {
  readonly values: Float64Array;
  readonly magnitudes: Float64Array;
  slack(): Float64Array;
}

function depthwise(v: Numbers, w: Numbers, window: Window, d: number, round: Rounding): Sums {
  const values = new Float64Array(d);
  const magnitudes = new Float64Array(d);
  const within = sumsOf(round);
  for (const { valuesAt, weightsAt } of window) {
    for (let c = 0; c < d; c++) {
      const product = within(w[weightsAt + c] * v[valuesAt + c]);
      values[c] = within(values[c] + product);
      magnitudes[c] += Math.abs(product);
    }
  }
  return {
    values,
    magnitudes,
    slack: () => magnitudes.map((one) => FLOAT32_EPSILON * one + FLOAT32_TINIEST),
  };
}

/**
 * The slack is what one rounding of each product may move, by norms: `ε·|window|·|column of W|`, which is at least
 * the sum of the absolute products (Cauchy). A window that is mostly zeros may then err as one of its size,
 * as it does where fewer products are summed of sums (Winograd 1980, chapter 2).
 */
function full(v: Numbers, weights: Numbers, window: Window, d: number, round: Rounding): Sums {
  const values = new Float64Array(d);
  const magnitudes = new Float64Array(d);
  const add = scaledAdder(round);
  for (const { valuesAt, weightsAt } of window) {
    for (let i = 0; i < d; i++) add(v[valuesAt + i], weights, weightsAt + i * d, values, magnitudes);
  }
  const slack = (): Float64Array => {
    let squared = 0;
    const columns = new Float64Array(d);
    for (const { valuesAt, weightsAt } of window) {
      for (let i = 0; i < d; i++) {
        squared += v[valuesAt + i] ** 2;
        const row = weightsAt + i * d;
        for (let c = 0; c < d; c++) columns[c] += weights[row + c] ** 2;
      }
    }
    return columns.map((squares) => FLOAT32_EPSILON * Math.sqrt(squared * squares) + FLOAT32_TINIEST);
  };
  return { values, magnitudes, slack };
}

/** The second layer: a rectifier, and a product, through which what the first may be off is passed on. */
function layer(first: Sums, w2: Numbers, weightsAt: number, d: number, round: Rounding): Sums {
  const values = new Float64Array(d);
  const magnitudes = new Float64Array(d);
  const add = scaledAdder(round);
  const ignored = new Float64Array(d);
  for (let h = 0; h < d; h++) {
    const row = weightsAt + h * d;
    add(Math.max(round(first.values[h]), 0), w2, row, values, ignored);
    for (let c = 0; c < d; c++) magnitudes[c] += first.magnitudes[h] * Math.abs(w2[row + c]);
  }
  const slack = (): Float64Array => {
    const squares = new Float64Array(d);
    for (const [h, off] of first.slack().entries()) {
      const hidden = first.values[h];
      // What is further below the rectifier's kink than it may be off cannot rise above it.
      const passed = hidden <= -off ? 0 : off;
      const own = FLOAT32_EPSILON * Math.max(hidden, 0);
      for (let c = 0; c < d; c++) squares[c] += (passed ** 2 + own ** 2) * w2[weightsAt + h * d + c] ** 2;
    }
    return squares.map((one) => Math.sqrt(one) + FLOAT32_TINIEST);
  };
  return { values, magnitudes, slack };
}

/** Adds a row of weights times a number to sums, and the absolute products to others. */
type ScaledAdder = (
  x: number,
  weights: Numbers,
  at: number,
  sums: Float64Array,
  magnitudes: Float64Array,
) => void;

/** A loop for each of the usual roundings: through a function they take many times as long. */
function scaledAdder(round: Rounding): ScaledAdder {
  const within = sumsOf(round);
  if (within === float64) return addExactly;
  if (within === float32) return addNarrowly;
  return (x, weights, at, sums, magnitudes) => {
    for (let c = 0; c < sums.length; c++) {
      const product = within(x * weights[at + c]);
      sums[c] = within(sums[c] + product);
      magnitudes[c] += Math.abs(product);
    }
  };
}

const addExactly: ScaledAdder = (x, weights, at, sums, magnitudes) => {
  for (let c = 0; c < sums.length; c++) {
    const product = x * weights[at + c];
    sums[c] += product;
    magnitudes[c] += Math.abs(product);
  }
};

const addNarrowly: ScaledAdder = (x, weights, at, sums, magnitudes) => {
  for (let c = 0; c < sums.length; c++) {
    const product = Math.fround(x * weights[at + c]);
    sums[c] = Math.fround(sums[c] + product);
    magnitudes[c] += Math.abs(product);
  }
};
