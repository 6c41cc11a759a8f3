import { addProduct } from "../product.ts";

/** Rows of q or k by a matrix that the layer learned, `[rows, headDim]`, in float64. */
export class Projection {
  readonly bytes: number;
  readonly #matrix: Float64Array;
  readonly #rows: number;
  readonly #headDim: number;

  constructor(rows: number, headDim: number) {
    this.#matrix = new Float64Array(rows * headDim);
    this.#rows = rows;
    this.#headDim = headDim;
    this.bytes = this.#matrix.byteLength;
  }

  learn(from: Float32Array, at: number): void {
    const matrix = this.#matrix;
    for (let i = 0; i < matrix.length; i++) matrix[i] = from[at + i];
  }

  /** `to = x · matrixᵀ`: x `[count, headDim]`, to `[count, rows]`. */
  apply(x: Float64Array, count: number, to: Float64Array): void {
    const rows = this.#rows;
    const headDim = this.#headDim;
    for (let i = 0; i < count * rows; i++) to[i] = 0;
    addProduct(x, 0, headDim, this.#matrix, headDim, to, 0, rows, count, rows, headDim);
  }

  /** `to = of · matrix`: from `[rows]` back to `[headDim]`. */
  applyBack(of: Float64Array, to: Float64Array): void {
    const headDim = this.#headDim;
    const matrix = this.#matrix;
    for (let c = 0; c < headDim; c++) to[c] = 0;
    for (let row = 0; row < this.#rows; row++) {
      const value = of[row];
      for (let c = 0; c < headDim; c++) to[c] += value * matrix[row * headDim + c];
    }
  }
}
