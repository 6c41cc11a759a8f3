import type { Shape } from "../../../core/shape.ts";
import type { Per, Recurrence } from "../../../mechanisms/recurrence/declare.ts";
import { learned } from "../../learned.ts";
import type { Workspace } from "../../workspace.ts";
import type { TokenRows } from "../recurrence-gates.ts";
import type { RecurrenceToken } from "./recurrence-token.ts";

/** Weights that a gate is made of, and their gradient so far, `[heads, rows, width]`. */
interface Made {
  readonly rows: number;
  readonly width: number;
  readonly weights: Float32Array;
  readonly gradient: Float64Array;
}

/** From the gradients of α and β to those of what they are: inputs of the token, or products of weights and its key. */
export class GateSlopes {
  /** The gradients of weights so far, by the names of their inputs. */
  readonly ofWeights: Readonly<Record<string, Float64Array>>;
  /** Operations of a token: the products of gates with k and with weights. */
  readonly flops: number;
  readonly #mechanism: Recurrence;
  readonly #gradients: Readonly<Record<string, Float32Array>>;
  readonly #decay: Made | null;
  readonly #write: Made | null;
  /** Of each row: the gradient of its gate, and its logit. */
  readonly #slopes: Float64Array;
  readonly #logits: Float64Array;

  constructor(
    mechanism: Recurrence,
    { heads, headDim }: Shape,
    tokens: TokenRows,
    gradients: Readonly<Record<string, Float32Array>>,
    workspace: Workspace,
  ) {
    const { decay, write } = mechanism;
    this.#mechanism = mechanism;
    this.#gradients = gradients;
    const made = (name: string, per: Per, besides: number): Made => {
      const rows = per === "token" ? 1 : headDim;
      const width = headDim + besides;
      const gradient = workspace.float64(heads * rows * width);
      return { rows, width, weights: learned(tokens, name), gradient };
    };
    const tail = decay.form === "softplus" ? 2 : 0;
    this.#decay = "stream" in decay ? made("decay", decay.per, tail) : null;
    this.#write = "stream" in write ? made("write", write.per, 0) : null;
    this.#slopes = workspace.float64(headDim);
    this.#logits = workspace.float64(headDim);
    this.ofWeights = {
      ...(this.#decay !== null && { decay: this.#decay.gradient }),
      ...(this.#write !== null && { write: this.#write.gradient }),
    };
    const isMade = write.form === "given-step" ? [] : [this.#decay];
    const rows = [...isMade, this.#write].reduce((sum, one) => sum + (one?.rows ?? 0), 0);
    // A logit, what it adds to the weights, and what to the key.
    this.flops = 6 * headDim * rows;
  }

  clear(): void {
    for (const sums of Object.values(this.ofWeights)) sums.fill(0);
  }

  /**
   * Takes the gradients of a token's α and β, `[headDim]` each, which are overwritten: adds to that of its key, and writes those
   * of gates that are given to the token's row.
   */
  take(
    head: number,
    row: number,
    token: RecurrenceToken,
    tokens: TokenRows,
    { ofAlpha, ofBeta, ofKey }: Readonly<Record<"ofAlpha" | "ofBeta" | "ofKey", Float64Array>>,
  ): void {
    const { decay, write } = this.#mechanism;
    for (let c = 0; c < ofAlpha.length; c++) ofAlpha[c] *= token.gates.decay[c];
    switch (write.form) {
      case "one":
        break;
      case "given":
        writeGate(ofBeta, this.#gradients.dbeta, row, 1);
        break;
      case "logistic":
        this.#ofLogits(this.#write, head, token.given, ofBeta, ofKey, SLOPES.sigmoid);
        break;
      case "step":
      case "given-step":
        this.#ofSteps(head, row, token.given, tokens, ofAlpha, ofBeta, ofKey);
        return;
      default:
        write satisfies never;
    }
    switch (decay.form) {
      case "none":
      case "retention":
      case "lightning":
        return;
      case "given":
        writeGate(ofAlpha, this.#gradients.dg, row, decay.per === "token" ? 1 : ofAlpha.length);
        return;
      case "softplus":
        this.#ofSteps(head, row, token.given, tokens, ofAlpha, null, ofKey);
        return;
      default:
        this.#ofLogits(this.#decay, head, token.given, ofAlpha, ofKey, SLOPES[decay.form]);
    }
  }

  /** Of gates that are functions of `W k`. */
  #ofLogits(
    made: Made | null,
    head: number,
    key: Float64Array,
    ofGates: Float64Array,
    ofKey: Float64Array,
    slope: (logit: number, channel: number, channels: number) => number,
  ): void {
    if (made === null) throw new TypeError("recurrence: a gate of k must have weights");
    this.#makeLogits(made, head, key);
    sumRows(ofGates, made.rows, this.#slopes);
    for (let row = 0; row < made.rows; row++) {
      // A decay that is 0 has no gradient, however steep its exponent is.
      if (this.#slopes[row] === 0) continue;
      const ofLogit = this.#slopes[row] * slope(this.#logits[row], row, key.length);
      addLogit(made, head * made.rows + row, ofLogit, key, ofKey);
    }
  }

  /** Of `ln α = -A Δ` and, if it is Δ, of β. */
  #ofSteps(
    head: number,
    tokenRow: number,
    key: Float64Array,
    tokens: TokenRows,
    ofLogs: Float64Array,
    ofBeta: Float64Array | null,
    ofKey: Float64Array,
  ): void {
    const made = this.#decay;
    if (made === null) throw new TypeError("recurrence: a step must have the weights of its decay");
    const { rows, width, weights, gradient } = made;
    const isGiven = this.#mechanism.write.form === "given-step";
    if (!isGiven) this.#makeLogits(made, head, key);
    const slopes = this.#slopes;
    sumRows(ofLogs, rows, slopes);
    if (ofBeta !== null) sumRows(ofBeta, rows, ofBeta);
    let ofGiven = 0;
    for (let row = 0; row < rows; row++) {
      const at = (head * rows + row) * width + key.length;
      const logit = this.#logits[row] + weights[at + 1];
      const step = isGiven
        ? tokens.dt[tokenRow]
        : Math.max(logit, 0) + Math.log1p(Math.exp(-Math.abs(logit)));
      gradient[at] -= slopes[row] * step;
      const ofStep = (ofBeta === null ? 0 : ofBeta[row]) - weights[at] * slopes[row];
      if (isGiven) ofGiven += ofStep;
      else {
        const ofLogit = ofStep / (1 + Math.exp(-logit));
        gradient[at + 1] += ofLogit;
        addLogit(made, head * rows + row, ofLogit, key, ofKey);
      }
    }
    if (isGiven) this.#gradients.ddt[tokenRow] = ofGiven;
  }

  #makeLogits({ rows, width, weights }: Made, head: number, key: Float64Array): void {
    for (let row = 0; row < rows; row++) {
      const at = (head * rows + row) * width;
      let sum = 0;
      for (let c = 0; c < key.length; c++) sum += weights[at + c] * key[c];
      this.#logits[row] = sum;
    }
  }
}

/** The derivatives of β, or of `ln α`, of a logit. */
const SLOPES = {
  sigmoid: (x: number) => 1 / ((1 + Math.exp(-x)) * (1 + Math.exp(x))),
  logistic: (x: number) => 1 / (16 * (1 + Math.exp(x))),
  rwkv7: (x: number) => -Math.exp(-0.5) / ((1 + Math.exp(-x)) * (1 + Math.exp(x))),
  exponential: (x: number, channel: number, channels: number) =>
    -Math.exp(x - 6 + 5 * (channel === 0 ? 0 : channel / (channels - 1)) ** 0.7),
};

/** What a logit `w·k` adds to the gradients of w and of k. */
function addLogit(
  { width, weights, gradient }: Made,
  row: number,
  ofLogit: number,
  key: Float64Array,
  ofKey: Float64Array,
): void {
  const at = row * width;
  for (let c = 0; c < key.length; c++) {
    gradient[at + c] += ofLogit * key[c];
    ofKey[c] += ofLogit * weights[at + c];
  }
}

/** Those of channels, or their sum where all have the same gate. */
function sumRows(ofChannels: Float64Array, rows: number, to: Float64Array): void {
  if (rows === ofChannels.length) {
    to.set(ofChannels);
    return;
  }
  let sum = 0;
  for (let c = 0; c < ofChannels.length; c++) sum += ofChannels[c];
  to[0] = sum;
}

/** The same into the row of a token. */
function writeGate(ofChannels: Float64Array, to: Float32Array, row: number, width: number): void {
  if (width === ofChannels.length) to.set(ofChannels, row * width);
  else to[row] = ofChannels.reduce((sum, x) => sum + x, 0);
}
