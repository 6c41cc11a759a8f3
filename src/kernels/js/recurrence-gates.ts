import type { Shape } from "../../core/shape.ts";
import type { Recurrence } from "../../mechanisms/recurrence/declare.ts";
import { learned } from "../learned.ts";
import type { Weights } from "../stepper.ts";

/** The numbers of tokens: rows of every tensor in the same order, those of gates as well where they are given. */
export interface TokenRows {
  readonly [name: string]: Float32Array;
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
}

/** The gates of a recurrence, α and β of one token at a time, in float64. */
export class RecurrenceGates {
  /** α of every channel. */
  readonly decay: Float64Array;
  /** β of every channel. */
  readonly write: Float64Array;
  /** Operations of a token: the products with k. */
  readonly flops: number;
  readonly #mechanism: Recurrence;
  readonly #heads: number;
  readonly #decayWeights: Float32Array | null;
  readonly #writeWeights: Float32Array | null;
  /** Δ of every row of the weights. */
  readonly #steps: Float64Array;

  constructor(mechanism: Recurrence, { heads, headDim }: Shape, weights: Weights) {
    const { decay, write } = mechanism;
    this.#mechanism = mechanism;
    this.#heads = heads;
    this.decay = new Float64Array(headDim).fill(1);
    this.write = new Float64Array(headDim).fill(1);
    this.#steps = new Float64Array(headDim);
    this.#decayWeights = "stream" in decay ? learned(weights, "decay") : null;
    this.#writeWeights = "stream" in write ? learned(weights, "write") : null;
    const rowsOf = (gate: Recurrence["decay" | "write"]) =>
      "stream" in gate ? (gate.per === "token" ? 1 : headDim) : 0;
    const made = write.form === "given-step" ? rowsOf(write) : rowsOf(decay) + rowsOf(write);
    this.flops = 2 * headDim * made;
  }

  /** Refuses tokens that lack a gate that is given, or whose gate has not as many rows; `what` is what takes them in. */
  check(what: string, tokens: TokenRows, rows: number): void {
    const { decay, write } = this.#mechanism;
    if (decay.form === "given")
      checkGate(what, "g", tokens, decay.per === "token" ? rows : rows * this.decay.length);
    if (write.form === "given") checkGate(what, "beta", tokens, rows);
    if (write.form === "given-step") checkGate(what, "dt", tokens, rows);
  }

  /** Makes the gates of the token in this row of head `head`. */
  take(head: number, tokens: TokenRows, row: number): void {
    this.#makeDecay(head, tokens, row);
    this.#makeWrite(head, tokens, row);
  }

  #makeDecay(head: number, tokens: TokenRows, row: number): void {
    const { decay: form } = this.#mechanism;
    const alpha = this.decay;
    const headDim = alpha.length;
    switch (form.form) {
      case "none":
        return;
      case "retention":
        alpha.fill(1 - 2 ** (-5 - head));
        return;
      case "lightning":
        alpha.fill(Math.exp(-(2 ** ((-8 * (head + 1)) / this.#heads))));
        return;
      case "given":
        if (form.per === "token") alpha.fill(Math.exp(tokens.g[row]));
        else for (let c = 0; c < headDim; c++) alpha[c] = Math.exp(tokens.g[row * headDim + c]);
        return;
      case "softplus":
        this.#makeSteps(head, form.per === "token", tokens, row);
        return;
      default:
    }
    const count = form.per === "token" ? 1 : headDim;
    for (let c = 0; c < count; c++) {
      const logit = logitOf(this.#decayWeights, head * count + c, headDim, headDim, tokens.k, row * headDim);
      if (form.form === "logistic") alpha[c] = Math.exp(-softplus(-logit) / 16);
      else if (form.form === "rwkv7") alpha[c] = Math.exp(-Math.exp(-0.5) / (1 + Math.exp(-logit)));
      else alpha[c] = Math.exp(-Math.exp(-6 + 5 * (c === 0 ? 0 : c / (headDim - 1)) ** 0.7 + logit));
    }
    if (count === 1) alpha.fill(alpha[0]);
  }

  /** `Δ = softplus(W k + b)` and `α = e^(-A Δ)`. */
  #makeSteps(head: number, isScalar: boolean, tokens: TokenRows, row: number): void {
    const alpha = this.decay;
    const steps = this.#steps;
    const weights = this.#decayWeights;
    const headDim = alpha.length;
    const isGiven = this.#mechanism.write.form === "given-step";
    const width = headDim + 2;
    const count = isScalar ? 1 : headDim;
    if (weights === null) throw new TypeError("recurrence: its layer must have weights");
    for (let c = 0; c < count; c++) {
      const own = head * count + c;
      const at = own * width + headDim;
      steps[c] = isGiven
        ? tokens.dt[row]
        : softplus(logitOf(weights, own, width, headDim, tokens.k, row * headDim) + weights[at + 1]);
      alpha[c] = Math.exp(-weights[at] * steps[c]);
    }
    if (!isScalar) return;
    alpha.fill(alpha[0]);
    steps.fill(steps[0]);
  }

  #makeWrite(head: number, tokens: TokenRows, row: number): void {
    const { write: form } = this.#mechanism;
    const beta = this.write;
    const headDim = beta.length;
    switch (form.form) {
      case "one":
        return;
      case "given":
        beta.fill(tokens.beta[row]);
        return;
      case "step":
      case "given-step":
        beta.set(this.#steps);
        return;
      default:
    }
    const count = form.per === "token" ? 1 : headDim;
    for (let c = 0; c < count; c++) {
      const logit = logitOf(this.#writeWeights, head * count + c, headDim, headDim, tokens.k, row * headDim);
      beta[c] = 1 / (1 + Math.exp(-logit));
    }
    if (count === 1) beta.fill(beta[0]);
  }
}

function checkGate(what: string, name: string, tokens: TokenRows, count: number): void {
  const gate: Float32Array | undefined = tokens[name];
  if (gate?.length === count) return;
  throw new RangeError(`${what}: ${name} must have ${count} numbers, got ${gate?.length ?? "none"}`);
}

/** A row of weights, `width` apart, times a key. */
function logitOf(
  weights: Float32Array | null,
  row: number,
  width: number,
  headDim: number,
  k: Float32Array,
  keyAt: number,
): number {
  if (weights === null) throw new TypeError("recurrence: its layer must have weights");
  let sum = 0;
  for (let i = 0; i < headDim; i++) sum += weights[row * width + i] * k[keyAt + i];
  return sum;
}

/** `ln(1 + e^x)`, whose power does not overflow. */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
