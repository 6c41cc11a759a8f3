import { type Convolution, WEIGHTS } from "../../mechanisms/convolution/declare.ts";
import { addProduct } from "./product.ts";

/** Weights of a layer by their names. */
export type Named = (name: string) => Float32Array;

/** Taps `from … to - 1`: those that some row has a token for. */
export interface UsedTaps {
  readonly from: number;
  readonly to: number;
}

/**
 * The layer of one head over windows of v, in float64: weights are brought in by `load`, since they may change
 * from call to call, transposed as `addProduct` reads them.
 */
export class WindowLayer {
  readonly #form: Convolution["form"];
  /** Those of a head, and those that are used. */
  readonly #taps: number;
  readonly #used: UsedTaps;
  readonly #d: number;
  /** `[used taps, d]` depthwise, otherwise `[d, used taps · d]`. */
  readonly #first: Float64Array;
  /** `[d, d]`, of a second layer. */
  readonly #second: Float64Array;
  readonly #hidden: Float64Array;
  readonly #sums: Float64Array;

  /** `d` is the width of v; up to `rows` windows are taken at once. */
  constructor({ form, taps }: Convolution, used: UsedTaps, d: number, rows: number) {
    this.#form = form;
    this.#taps = taps;
    this.#used = used;
    this.#d = d;
    const isNetwork = form === "network";
    this.#first = new Float64Array((used.to - used.from) * this.#perTap);
    this.#second = new Float64Array(isNetwork ? d * d : 0);
    this.#hidden = new Float64Array(isNetwork ? rows * d : 0);
    this.#sums = new Float64Array(rows * d);
  }

  get bytes(): number {
    const all = [this.#first, this.#second, this.#hidden, this.#sums];
    return all.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** Operations of one row. */
  get rowFlops(): number {
    return 2 * (this.#first.length + this.#second.length);
  }

  get #perTap(): number {
    return this.#form === "depthwise" ? this.#d : this.#d * this.#d;
  }

  /** Brings in what a head has learned. */
  load(named: Named, head: number): void {
    const [first, second] = WEIGHTS[this.#form];
    const { from, to } = this.#used;
    const perTap = this.#perTap;
    const own = named(first).subarray((head * this.#taps + from) * perTap, (head * this.#taps + to) * perTap);
    if (this.#form === "depthwise") {
      this.#first.set(own);
      return;
    }
    transpose(own, this.#first, (to - from) * this.#d, this.#d);
    if (second === null) return;
    const square = this.#d * this.#d;
    transpose(named(second).subarray(head * square, (head + 1) * square), this.#second, this.#d, this.#d);
  }

  /**
   * `rows` rows of output from `at` on. Their windows, of the taps that are used, begin at `from` of `tokens`,
   * `[tokens, d]`, each `step` tokens after the one before.
   */
  write(tokens: Float64Array, from: number, rows: number, output: Float32Array, at: number, step = 1): void {
    const d = this.#d;
    const sums = this.#sums;
    sums.fill(0, 0, rows * d);
    if (this.#form === "depthwise") this.#addDepthwise(tokens, from, rows, step);
    else {
      const inner = (this.#used.to - this.#used.from) * d;
      const target = this.#form === "network" ? this.#hidden : sums;
      target.fill(0, 0, rows * d);
      addProduct(tokens, from * d, step * d, this.#first, inner, target, 0, d, rows, d, inner);
      if (this.#form === "network") {
        for (let i = 0; i < rows * d; i++) if (target[i] < 0) target[i] = 0;
        addProduct(target, 0, d, this.#second, d, sums, 0, d, rows, d, d);
      }
    }
    for (let i = 0; i < rows * d; i++) output[at + i] = sums[i];
  }

  #addDepthwise(tokens: Float64Array, from: number, rows: number, step: number): void {
    const d = this.#d;
    const first = this.#first;
    const sums = this.#sums;
    const inner = first.length;
    for (let row = 0; row < rows; row++) {
      const window = (from + row * step) * d;
      for (let t = 0; t < inner; t += d) {
        for (let c = 0; c < d; c++) sums[row * d + c] += first[t + c] * tokens[window + t + c];
      }
    }
  }
}

/** `to[c, r] = from[r, c]`. */
function transpose(from: Float32Array, to: Float64Array, rows: number, columns: number): void {
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) to[c * rows + r] = from[r * columns + c];
  }
}
