import { type AttentionInputs, tensorNamed } from "../../core/tensors.ts";
import { LAYER_WEIGHTS } from "../../mechanisms/layer/declare.ts";
import { addProduct } from "./product.ts";

/** Rows taken together. */
const CHUNK = 32;

/** Rows times a matrix of weights `[from, to]`, in float64. */
export class LayerProduct {
  readonly #from: number;
  readonly #to: number;
  /** Transposed. */
  readonly #weights: Float64Array;
  readonly #biases: Float64Array;
  readonly #rows: Float64Array;
  readonly #sums: Float64Array;

  constructor(from: number, to: number) {
    this.#from = from;
    this.#to = to;
    this.#weights = new Float64Array(from * to);
    this.#biases = new Float64Array(to);
    this.#rows = new Float64Array(CHUNK * from);
    this.#sums = new Float64Array(CHUNK * to);
  }

  get bytes(): number {
    return [this.#weights, this.#biases, this.#rows, this.#sums].reduce(
      (sum, one) => sum + one.byteLength,
      0,
    );
  }

  /** Operations of a product of so many rows. */
  flopsOf(rows: number): number {
    return 2 * rows * this.#from * this.#to;
  }

  /** Takes in the weights as they now stand. */
  load(inputs: AttentionInputs, name: keyof typeof LAYER_WEIGHTS, hasBiases: boolean): void {
    const { matrix, bias } = LAYER_WEIGHTS[name];
    const weights = tensorNamed(inputs, matrix);
    for (let row = 0; row < this.#from; row++) {
      for (let column = 0; column < this.#to; column++) {
        this.#weights[column * this.#from + row] = weights[row * this.#to + column];
      }
    }
    if (hasBiases) this.#biases.set(tensorNamed(inputs, bias));
  }

  /** Brings in rows number by number, and hands out what becomes of them. */
  multiply(
    rows: number,
    bringIn: (row: number, to: (column: number, value: number) => void) => void,
    handOut: (row: number, column: number, value: number) => void,
  ): void {
    const from = this.#from;
    const to = this.#to;
    let at = 0;
    const set = (column: number, value: number): void => {
      this.#rows[at + column] = value;
    };
    for (let first = 0; first < rows; first += CHUNK) {
      const count = Math.min(CHUNK, rows - first);
      for (let r = 0; r < count; r++) {
        at = r * from;
        bringIn(first + r, set);
      }
      this.#sums.fill(0);
      addProduct(this.#rows, 0, from, this.#weights, from, this.#sums, 0, to, count, to, from);
      for (let r = 0; r < count; r++) {
        for (let column = 0; column < to; column++) {
          handOut(first + r, column, this.#sums[r * to + column] + this.#biases[column]);
        }
      }
    }
  }
}
