import { layoutBy } from "../../../core/tensor-spec.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import { addProduct } from "../../add-product.ts";
import type { GradientProblem } from "../../gradient/gradient-kind.ts";
import { type Rounding, sumsOf } from "../../oracle.ts";
import type { Recurrence } from "../declare.ts";
import { logistic, SOFTENED, softplus, startOf } from "../gates.ts";
import { recurrenceInputs } from "../inputs.ts";
import type { Token } from "./token.ts";

/** Weights of a head that a gate is made of, and their gradient so far, `[rows, width]`. */
interface Weighed {
  readonly width: number;
  /** The part that k is multiplied with, `[rows, headDim]`. */
  readonly factors: Float64Array;
  /** A and b of each row, where there are such. */
  readonly rates: readonly number[];
  readonly biases: readonly number[];
  readonly logits: Float64Array;
  readonly gradient: Float64Array;
}

/**
 * What the gradients of the gates α and β of a head's tokens come to: those of the inputs that they are, or of the weights and
 * the keys that they are made of.
 */
export class GateGradients {
  /** Of the last token, by the names of the inputs that are given: `g`, `beta` and `dt`. */
  readonly ofToken: Readonly<Record<string, Float64Array>>;
  readonly #problem: GradientProblem<Recurrence>;
  readonly #round: Rounding;
  readonly #decay: Weighed | null;
  readonly #write: Weighed | null;
  readonly #dt: (at: number) => number;
  readonly #key: Float64Array;
  readonly #tokenAt: number;

  constructor(problem: GradientProblem<Recurrence>, batch: number, head: number, round: Rounding) {
    const { mechanism, inputs, shape } = problem;
    const { headDim, length, heads } = shape;
    const specs = recurrenceInputs(mechanism);
    const weighed = (name: "decay" | "write"): Weighed | null => {
      if (!Object.hasOwn(specs, name)) return null;
      const { rows, width } = layoutBy(shape, specs[name]);
      const numbers = tensorNamed(inputs, name).subarray(head * rows * width, (head + 1) * rows * width);
      const factors = new Float64Array(rows * headDim);
      for (let row = 0; row < rows; row++) {
        factors.set(numbers.subarray(row * width, row * width + headDim), row * headDim);
      }
      const besides = (at: number) =>
        width === headDim
          ? []
          : Array.from({ length: rows }, (_, row) => numbers[row * width + headDim + at]);
      const logits = new Float64Array(rows);
      const gradient = new Float64Array(rows * width);
      return { width, factors, rates: besides(0), biases: besides(1), logits, gradient };
    };
    this.#problem = problem;
    this.#round = sumsOf(round);
    this.#decay = weighed("decay");
    this.#write = weighed("write");
    this.#key = new Float64Array(headDim);
    this.#tokenAt = (batch * heads + head) * length;
    const dt = Object.hasOwn(specs, "dt") ? tensorNamed(inputs, "dt") : new Float32Array(0);
    this.#dt = (at) => dt[at];
    this.ofToken = Object.fromEntries(
      Object.entries(specs)
        .filter(([, { of }]) => of === "token")
        .map(([name, spec]) => [name, new Float64Array(layoutBy(shape, spec).width)]),
    );
  }

  /** The gradients so far of a head's weights, by their names, `[rows, width]`. */
  weights(): Readonly<Record<string, Float64Array>> {
    const all = { decay: this.#decay, write: this.#write };
    return Object.fromEntries(
      Object.entries(all).flatMap(([name, one]) => (one === null ? [] : [[name, one.gradient]])),
    );
  }

  /** Takes the gradients of α and β of a token, `[headDim]` each, and adds to `ofKey` what its key gets. */
  take(at: number, token: Token, ofAlpha: Float64Array, ofBeta: Float64Array, ofKey: Float64Array): void {
    const { decay, write } = this.#problem.mechanism;
    for (let c = 0; c < this.#key.length; c++) this.#key[c] = this.#problem.inputs.k[token.keyAt + c];
    const { decay: alpha } = token.gates;
    const ofLogs = ofAlpha.map((x, c) => this.#round(x * alpha[c]));
    switch (write.form) {
      case "one":
        break;
      case "given":
        this.#sum(ofBeta, this.ofToken.beta);
        break;
      case "logistic":
        this.#take(this.#write, ofBeta, ofKey, (x) => {
          const round = this.#round;
          return round(logistic(x, round) * logistic(-x, round));
        });
        break;
      case "step":
      case "given-step":
        this.#takeSteps(at, ofLogs, ofBeta, ofKey);
        return;
      default:
        write satisfies never;
    }
    switch (decay.form) {
      case "none":
      case "retention":
      case "lightning":
        break;
      case "given":
        this.#sum(ofLogs, this.ofToken.g);
        break;
      case "softplus":
        this.#takeSteps(at, ofLogs, null, ofKey);
        break;
      default:
        this.#take(this.#decay, ofLogs, ofKey, this.#logSlope(decay.form));
    }
  }

  /** The derivative of `ln α` of a logit, by the channel of its row. */
  #logSlope(form: "logistic" | "exponential" | "rwkv7"): (x: number, channel: number) => number {
    const round = this.#round;
    const { headDim } = this.#problem.shape;
    switch (form) {
      case "logistic":
        return (x) => round(logistic(-x, round) / SOFTENED);
      case "exponential":
        return (x, channel) => -round(Math.exp(round(round(startOf(channel, headDim)) + x)));
      case "rwkv7":
        return (x) => round(-Math.exp(-0.5) * round(logistic(x, round) * logistic(-x, round)));
      default:
        return form satisfies never;
    }
  }

  /** `Δ`, where `ln α = -A Δ`, and β is Δ if it has a gradient here. */
  #takeSteps(at: number, ofLogs: Float64Array, ofBeta: Float64Array | null, ofKey: Float64Array): void {
    const made = this.#decay;
    if (made === null) throw new TypeError("recurrence: steps must have the weights of a decay");
    const round = this.#round;
    const isGiven = this.#problem.mechanism.write.form === "given-step";
    const rows = made.logits.length;
    const given = this.#dt(this.#tokenAt + at);
    if (!isGiven) this.#makeLogits(made);
    const logs = this.#perRow(ofLogs, rows);
    const betas = ofBeta === null ? null : this.#perRow(ofBeta, rows);
    let ofGiven = 0;
    for (let row = 0; row < rows; row++) {
      const logit = round(made.logits[row] + made.biases[row]);
      const step = isGiven ? given : softplus(logit, round);
      const { rates, width, gradient } = made;
      const end = (row + 1) * width;
      gradient[end - 2] = round(gradient[end - 2] - round(logs[row] * step));
      const ofStep = round(round(-rates[row] * logs[row]) + (betas === null ? 0 : betas[row]));
      if (isGiven) ofGiven = round(ofGiven + ofStep);
      else {
        const ofLogit = round(ofStep * logistic(logit, round));
        gradient[end - 1] = round(gradient[end - 1] + ofLogit);
        this.#addLogit(made, row, ofLogit, ofKey);
      }
    }
    if (isGiven) this.ofToken.dt[0] = ofGiven;
  }

  /** The gradients of gates, by the derivative of a gate of its logit. */
  #take(
    made: Weighed | null,
    ofGates: Float64Array,
    ofKey: Float64Array,
    slope: (x: number, channel: number) => number,
  ): void {
    if (made === null) throw new TypeError("recurrence: gates that are made must have weights");
    this.#makeLogits(made);
    const gates = this.#perRow(ofGates, made.logits.length);
    for (const [row, one] of gates.entries()) {
      // A decay that is 0 has no gradient, however steep its exponent is.
      if (one !== 0) this.#addLogit(made, row, this.#round(one * slope(made.logits[row], row)), ofKey);
    }
  }

  /** What a logit `w·k` adds to the gradients of w and of k. */
  #addLogit({ width, factors, gradient }: Weighed, row: number, ofLogit: number, ofKey: Float64Array): void {
    const round = this.#round;
    const headDim = ofKey.length;
    for (let c = 0; c < headDim; c++) {
      gradient[row * width + c] = round(gradient[row * width + c] + round(ofLogit * this.#key[c]));
      ofKey[c] = round(ofKey[c] + round(ofLogit * factors[row * headDim + c]));
    }
  }

  #makeLogits({ factors, logits }: Weighed): void {
    logits.fill(0);
    addProduct(factors, this.#key.slice(), logits, this.#round);
  }

  /** The gradients of channels, summed where they all have the same gate. */
  #perRow(ofChannels: Float64Array, rows: number): Float64Array {
    if (rows === ofChannels.length) return ofChannels;
    const sums = new Float64Array(1);
    this.#sum(ofChannels, sums);
    return sums;
  }

  #sum(ofChannels: Float64Array, to: Float64Array): void {
    if (to.length === ofChannels.length) to.set(ofChannels);
    else to[0] = ofChannels.reduce((sum, x) => this.#round(sum + x), 0);
  }
}
