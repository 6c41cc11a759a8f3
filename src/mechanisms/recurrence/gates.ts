import { FLOAT32_EPSILON } from "../../core/error-budget.ts";
import type { ExactProblem } from "../../core/problem.ts";
import { offsetIn } from "../../core/shape.ts";
import { layoutBy } from "../../core/tensor-spec.ts";
import { tensorNamed } from "../../core/tensors.ts";
import { addProduct } from "../add-product.ts";
import type { Rounding } from "../oracle.ts";
import type { Recurrence } from "./declare.ts";
import { recurrenceInputs } from "./inputs.ts";

/** The shape of `ln α = ln σ(W k) / 16`. */
export const SOFTENED = 16;

/** The gates of one head, token by token, in one precision. */
export interface Gates {
  /** α of every channel, `[headDim]`. */
  readonly decay: Float64Array;
  /** β of every channel, `[headDim]`. */
  readonly write: Float64Array;
  /** Makes those of a token, whose key begins at `keyAt` of k. */
  take(token: number, keyAt: number): void;
}

/**
 * The gates of one head; `round` takes the result of every operation. `lean` puts each decay off by so many float32
 * roundings, always to the same side: what is remembered for long is a power of it.
 */
export function gatesOf(
  { mechanism, inputs }: ExactProblem<Recurrence>,
  batch: number,
  head: number,
  round: Rounding,
  lean: number,
): Gates {
  const { decay: form, write: writeForm } = mechanism;
  const { shape, k } = inputs;
  const { headDim, heads } = shape;
  const specs = recurrenceInputs(mechanism);
  const logits = { decay: logitsOf("decay"), write: logitsOf("write") };
  const [g, beta, dt] = ["g", "beta", "dt"].map(perToken);
  const key = new Float64Array(headDim);
  const decay = new Float64Array(headDim).fill(1);
  const write = new Float64Array(headDim).fill(1);
  const off = 1 + lean * FLOAT32_EPSILON;

  /** Of weights on k: what they are, and the sums that they make, one a row. */
  function logitsOf(name: "decay" | "write") {
    if (!Object.hasOwn(specs, name)) return null;
    const { rows, width } = layoutBy(shape, specs[name]);
    const numbers = tensorNamed(inputs, name).subarray(head * rows * width, (head + 1) * rows * width);
    const weights = new Float64Array(rows * headDim);
    for (let row = 0; row < rows; row++) {
      weights.set(numbers.subarray(row * width, row * width + headDim), row * headDim);
    }
    const besides = (at: number) =>
      width === headDim ? [] : Array.from({ length: rows }, (_, row) => numbers[row * width + headDim + at]);
    return { weights, sums: new Float64Array(rows), rates: besides(0), biases: besides(1) };
  }

  /** The numbers of a token of an input, if there is such an input. */
  function perToken(name: string): (token: number) => Float32Array {
    if (!Object.hasOwn(specs, name)) return () => new Float32Array(0);
    const values = tensorNamed(inputs, name);
    const layout = layoutBy(shape, specs[name]);
    return (token) => {
      const at = offsetIn(layout, batch, head, token);
      return values.subarray(at, at + layout.width);
    };
  }

  /** `W k`, one sum a row. */
  function summed(name: "decay" | "write", keyAt: number): Float64Array {
    const of = logits[name];
    if (of === null) throw new TypeError(`recurrence: it has no weights ${name}`);
    for (let i = 0; i < headDim; i++) key[i] = k[keyAt + i];
    of.sums.fill(0);
    addProduct(of.weights, key, of.sums, round);
    return of.sums;
  }

  /** Δ of a row, `softplus(W k + b)`, or as it is given. */
  function steps(token: number, keyAt: number): Float64Array {
    if (writeForm.form === "given-step") return Float64Array.from(dt(token));
    const biases = logits.decay?.biases ?? [];
    return summed("decay", keyAt).map((sum, row) => softplus(round(sum + biases[row]), round));
  }

  /** `ln α`, one number a row. */
  function logDecays(token: number, keyAt: number, stepped: Float64Array): ArrayLike<number> {
    switch (form.form) {
      case "none":
      case "retention":
        return [0];
      case "lightning":
        return [-(2 ** ((-8 * (head + 1)) / heads))];
      case "given":
        return g(token);
      case "logistic":
        return summed("decay", keyAt).map((sum) => -softplus(-sum, round) / SOFTENED);
      case "softplus":
        return stepped.map((step, row) => round(-(logits.decay?.rates[row] ?? Number.NaN) * step));
      case "exponential":
        return summed("decay", keyAt).map(
          (sum, c) => -round(Math.exp(round(round(startOf(c, headDim)) + sum))),
        );
      case "rwkv7":
        return summed("decay", keyAt).map((sum) => round(-Math.exp(-0.5) * logistic(sum, round)));
      default:
        return form satisfies never;
    }
  }

  /** The factor of so much, or of one head. */
  function decayBy(log: number): number {
    if (form.form === "none") return round(1);
    const exact = form.form === "retention" ? 1 - 2 ** (-5 - head) : Math.exp(round(log) * off);
    // A gate that is open loses nothing to a rounding: 1 is a float32 number.
    return round(exact === 1 ? 1 : exact * off);
  }

  return {
    decay,
    write,
    take(token, keyAt) {
      const isTimed = form.form === "softplus" || writeForm.form === "given-step";
      const stepped = isTimed ? steps(token, keyAt) : new Float64Array(0);
      spread(logDecays(token, keyAt, stepped), lean !== 0, decayBy, decay);
      switch (writeForm.form) {
        case "one":
          return;
        case "step":
        case "given-step":
          spread(stepped, false, (step) => step, write);
          return;
        case "given":
          spread(beta(token), false, (gate) => gate, write);
          return;
        case "logistic":
          spread(summed("write", keyAt), false, (sum) => logistic(sum, round), write);
          return;
        default:
          writeForm satisfies never;
      }
    },
  };
}

/** `-6 + 5 (c / (d - 1))^0.7`, with which the exponent of a channel begins. */
export function startOf(channel: number, headDim: number): number {
  return -6 + 5 * (headDim === 1 ? 0 : channel / (headDim - 1)) ** 0.7;
}

/** One number for all channels, or one for each, through a function; `apart` if that gives each channel one of its own. */
function spread(
  numbers: ArrayLike<number>,
  apart: boolean,
  make: (number: number) => number,
  to: Float64Array,
): void {
  if (numbers.length === 1 && !apart) to.fill(make(numbers[0]));
  else for (let c = 0; c < to.length; c++) to[c] = make(numbers[numbers.length === 1 ? 0 : c]);
}

/** `1 / (1 + e^-x)`, by powers that do not overflow. */
export function logistic(x: number, round: Rounding): number {
  const power = round(Math.exp(-Math.abs(x)));
  return round((x < 0 ? power : 1) / round(1 + power));
}

/** `ln(1 + e^x)`, by powers that do not overflow. */
export function softplus(x: number, round: Rounding): number {
  return round(Math.max(x, 0) + round(Math.log1p(round(Math.exp(-Math.abs(x))))));
}
