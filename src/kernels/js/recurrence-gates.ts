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

const NONE = new Float32Array(0);

/** The gates of a recurrence, α and β of one token at a time, in float64. */
export class RecurrenceGates {
  /** α of every channel. */
  readonly decay: Float64Array;
  /** β of every channel. */
  readonly write: Float64Array;
  /** Operations of a token: the products with k. */
  readonly flops: number;
  readonly #mechanism: Recurrence;
  readonly #decayWeights: Float32Array;
  readonly #writeWeights: Float32Array;
  readonly #constants: Float64Array;
  /** Δ of every row of the weights. */
  readonly #steps: Float64Array;

  constructor(mechanism: Recurrence, shape: Shape, weights: Weights) {
    const { headDim } = shape;
    const { decay, write } = mechanism;
    this.#mechanism = mechanism;
    this.#constants = constantsOf(mechanism, shape);
    this.decay = new Float64Array(headDim).fill(1);
    this.write = new Float64Array(headDim).fill(1);
    this.#steps = new Float64Array(headDim);
    this.#decayWeights = "stream" in decay ? learned(weights, "decay") : NONE;
    this.#writeWeights = "stream" in write ? learned(weights, "write") : NONE;
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

  /** Makes the gates of the token in this row of head `head`, whose key is `key`. */
  take(head: number, key: Float64Array, tokens: TokenRows, row: number): void {
    this.#makeDecay(head, key, tokens, row);
    this.#makeWrite(head, key, tokens, row);
  }

  #makeDecay(head: number, key: Float64Array, tokens: TokenRows, row: number): void {
    const { decay: form } = this.#mechanism;
    const alpha = this.decay;
    const count = "per" in form && form.per === "channel" ? alpha.length : 1;
    switch (form.form) {
      case "none":
        return;
      case "retention":
      case "lightning":
        alpha[0] = this.#constants[head];
        break;
      case "given":
        for (let c = 0; c < count; c++) alpha[c] = Math.exp(tokens.g[row * count + c]);
        break;
      case "softplus":
        this.#makeSteps(head, count, key, tokens, row);
        return;
      case "logistic":
        logits(this.#decayWeights, head * count, count, alpha.length, key, alpha);
        for (let c = 0; c < count; c++) {
          const logit = -alpha[c];
          alpha[c] = Math.exp((Math.max(logit, 0) + Math.log1p(Math.exp(-Math.abs(logit)))) / -16);
        }
        break;
      case "rwkv7":
        logits(this.#decayWeights, head * count, count, alpha.length, key, alpha);
        for (let c = 0; c < count; c++) alpha[c] = Math.exp(-Math.exp(-0.5) / (1 + Math.exp(-alpha[c])));
        break;
      case "exponential":
        logits(this.#decayWeights, head * count, count, alpha.length, key, alpha);
        for (let c = 0; c < count; c++) alpha[c] = Math.exp(-Math.exp(this.#constants[c] + alpha[c]));
        break;
      default:
        form satisfies never;
    }
    if (count === 1) repeatFirst(alpha);
  }

  /** `Δ = softplus(W k + b)` and `α = e^(-A Δ)`. */
  #makeSteps(head: number, count: number, key: Float64Array, tokens: TokenRows, row: number): void {
    const alpha = this.decay;
    const steps = this.#steps;
    const weights = this.#decayWeights;
    const headDim = alpha.length;
    const width = headDim + 2;
    const isGiven = this.#mechanism.write.form === "given-step";
    if (!isGiven) logits(weights, head * count, count, width, key, steps);
    for (let c = 0; c < count; c++) {
      const at = (head * count + c) * width + headDim;
      if (isGiven) steps[c] = tokens.dt[row];
      else {
        const logit = steps[c] + weights[at + 1];
        steps[c] = Math.max(logit, 0) + Math.log1p(Math.exp(-Math.abs(logit)));
      }
      alpha[c] = Math.exp(-weights[at] * steps[c]);
    }
    if (count > 1) return;
    repeatFirst(alpha);
    repeatFirst(steps);
  }

  #makeWrite(head: number, key: Float64Array, tokens: TokenRows, row: number): void {
    const { write: form } = this.#mechanism;
    const beta = this.write;
    const count = form.form === "logistic" && form.per === "channel" ? beta.length : 1;
    switch (form.form) {
      case "one":
        return;
      case "given":
        beta[0] = tokens.beta[row];
        break;
      case "step":
      case "given-step":
        for (let c = 0; c < beta.length; c++) beta[c] = this.#steps[c];
        return;
      case "logistic":
        logits(this.#writeWeights, head * count, count, beta.length, key, beta);
        for (let c = 0; c < count; c++) beta[c] = 1 / (1 + Math.exp(-beta[c]));
        break;
      default:
        form satisfies never;
    }
    if (count === 1) repeatFirst(beta);
  }
}

/** What decays are made of that tokens do not change: of heads, or of channels. */
function constantsOf({ decay }: Recurrence, { heads, headDim }: Shape): Float64Array {
  const of = (count: number, make: (index: number) => number) =>
    Float64Array.from({ length: count }, (_, index) => make(index));
  switch (decay.form) {
    case "retention":
      return of(heads, (head) => 1 - 2 ** (-5 - head));
    case "lightning":
      return of(heads, (head) => Math.exp(-(2 ** ((-8 * (head + 1)) / heads))));
    case "exponential":
      return of(headDim, (c) => -6 + 5 * (c === 0 ? 0 : c / (headDim - 1)) ** 0.7);
    default:
      return new Float64Array(0);
  }
}

function checkGate(what: string, name: string, tokens: TokenRows, count: number): void {
  const gate: Float32Array | undefined = tokens[name];
  if (gate?.length === count) return;
  throw new RangeError(`${what}: ${name} must have ${count} numbers, got ${gate?.length ?? "none"}`);
}

/** Rows of weights from `first` on, `width` apart, times a key. Into an array: a fraction returned would be kept on the heap. */
function logits(
  weights: Float32Array,
  first: number,
  count: number,
  width: number,
  key: Float64Array,
  to: Float64Array,
): void {
  for (let c = 0; c < count; c++) {
    const at = (first + c) * width;
    let sum = 0;
    for (let i = 0; i < to.length; i++) sum += weights[at + i] * key[i];
    to[c] = sum;
  }
}

/** `fill` would be given a fraction, which is then kept on the heap. */
function repeatFirst(numbers: Float64Array): void {
  for (let c = 1; c < numbers.length; c++) numbers[c] = numbers[0];
}
