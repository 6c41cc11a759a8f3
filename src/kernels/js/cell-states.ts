import { FLOAT_BYTES } from "../../core/shape.ts";
import { type Cell, isLearned, STATES } from "../../mechanisms/cell/declare.ts";

/** Bytes of a float64. */
const DOUBLE_BYTES = 2 * FLOAT_BYTES;

/** Where the numbers of a token are: q, k and v have the same layout, and the output as well. */
export interface CellToken {
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
}

/** The weights of all heads, `[heads, gates·d, d]`. */
export interface CellWeights {
  readonly w: Float32Array;
  readonly u: Float32Array;
}

/** Recurrent cells in float64: the states of several heads, and what takes in a token. */
export class CellStates {
  readonly stateBytes: number;
  /** Bytes of scratch. */
  readonly workspaceBytes: number;
  readonly #cell: Cell["cell"];
  readonly #headDim: number;
  readonly #h: Float64Array;
  readonly #c: Float64Array;
  /** A token, and the state before it: every channel reads all of both. */
  readonly #x: Float64Array;
  readonly #before: Float64Array;

  constructor(mechanism: Cell, slices: number, headDim: number) {
    const numbers = slices * headDim;
    this.#cell = mechanism.cell;
    this.#headDim = headDim;
    this.#h = new Float64Array(numbers);
    this.#c = new Float64Array(mechanism.cell === "lstm" ? numbers : 0);
    this.#x = new Float64Array(isLearned(mechanism) ? headDim : 0);
    this.#before = new Float64Array(this.#x.length);
    this.stateBytes = STATES[mechanism.cell] * numbers * DOUBLE_BYTES;
    this.workspaceBytes = 2 * this.#x.length * DOUBLE_BYTES;
  }

  clear(): void {
    this.#h.fill(0);
    this.#c.fill(0);
  }

  /** Takes a token, whose numbers begin at `at`, into the state `slice`, by the weights of head `head`. */
  takeIn(slice: number, head: number, token: CellToken, at: number, weights: CellWeights | null): void {
    const from = slice * this.#headDim;
    if (this.#cell === "min-gru") this.#blend(from, token, at);
    else if (this.#cell === "min-lstm") this.#share(from, token, at);
    else if (weights === null) throw new TypeError(`${this.#cell}: its layer must have weights`);
    else if (this.#cell === "elman") this.#elman(from, head, token.v, at, weights);
    else this.#lstm(from, head, token.v, at, weights);
  }

  /** Writes the output of the last token, which is the state. */
  write(slice: number, out: Float32Array, outAt: number): void {
    const h = this.#h;
    const headDim = this.#headDim;
    const from = slice * headDim;
    for (let i = 0; i < headDim; i++) out[outAt + i] = h[from + i];
  }

  /** `h ← (1 - σ(k)) h + σ(k) v`. */
  #blend(from: number, { k, v }: CellToken, at: number): void {
    const h = this.#h;
    const headDim = this.#headDim;
    for (let i = 0; i < headDim; i++) {
      // A power may be infinite: then nothing is written and all is kept, or the other way round.
      const gate = k[at + i];
      h[from + i] = logistic(-gate) * h[from + i] + logistic(gate) * v[at + i];
    }
  }

  /** `f = σ(q) / (σ(q) + σ(k))`, `h ← f h + (1 - f) v`. */
  #share(from: number, { q, k, v }: CellToken, at: number): void {
    const h = this.#h;
    const headDim = this.#headDim;
    for (let i = 0; i < headDim; i++) {
      // σ(k) / σ(q), from their logarithms, whose difference is finite where both are 0.
      const ratio = Math.exp(softplus(-q[at + i]) - softplus(-k[at + i]));
      const write = ratio === Number.POSITIVE_INFINITY ? 1 : ratio / (1 + ratio);
      h[from + i] = (1 / (1 + ratio)) * h[from + i] + write * v[at + i];
    }
  }

  /** `h ← tanh(W v + U h)`. */
  #elman(from: number, head: number, v: Float32Array, at: number, { w, u }: CellWeights): void {
    const headDim = this.#headDim;
    this.#fetch(from, v, at);
    const x = this.#x;
    const before = this.#before;
    for (let i = 0; i < headDim; i++) {
      const row = (head * headDim + i) * headDim;
      let own = 0;
      let past = 0;
      for (let j = 0; j < headDim; j++) {
        own += w[row + j] * x[j];
        past += u[row + j] * before[j];
      }
      this.#h[from + i] = Math.tanh(own + past);
    }
  }

  /** The four gates of a channel together. */
  #lstm(from: number, head: number, v: Float32Array, at: number, { w, u }: CellWeights): void {
    const headDim = this.#headDim;
    this.#fetch(from, v, at);
    const x = this.#x;
    const before = this.#before;
    const gate = headDim * headDim;
    for (let i = 0; i < headDim; i++) {
      const row = head * 4 * gate + i * headDim;
      let input = 0;
      let forget = 0;
      let candidate = 0;
      let output = 0;
      for (let j = 0; j < headDim; j++) {
        const place = row + j;
        input += w[place] * x[j] + u[place] * before[j];
        forget += w[place + gate] * x[j] + u[place + gate] * before[j];
        candidate += w[place + 2 * gate] * x[j] + u[place + 2 * gate] * before[j];
        output += w[place + 3 * gate] * x[j] + u[place + 3 * gate] * before[j];
      }
      const c = logistic(forget) * this.#c[from + i] + logistic(input) * Math.tanh(candidate);
      this.#c[from + i] = c;
      this.#h[from + i] = logistic(output) * Math.tanh(c);
    }
  }

  /** Copies what every channel reads: the token's row of v, and the state before it. */
  #fetch(from: number, v: Float32Array, at: number): void {
    const x = this.#x;
    const before = this.#before;
    const h = this.#h;
    for (let j = 0; j < x.length; j++) {
      x[j] = v[at + j];
      before[j] = h[from + j];
    }
  }
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** `ln(1 + e^x)`, whose power does not overflow. */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
