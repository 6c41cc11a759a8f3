import type { Numbers } from "../../../core/tensors.ts";
import type { Arithmetic } from "./arithmetic.ts";
import type { Value } from "./tape.ts";

/** What is added to the gradients of a matrix's rows, summed by itself before it is added to them. */
export class BlockRows {
  readonly #to: Value;
  readonly #arithmetic: Arithmetic;
  readonly #sums: Float64Array;
  /** Rows that something was added to, each once, and of every row whether it is one of them. */
  readonly #reached: Uint32Array;
  readonly #isReached: Uint8Array;
  #count = 0;

  constructor(to: Value, arithmetic: Arithmetic) {
    this.#to = to;
    this.#arithmetic = arithmetic;
    this.#sums = new Float64Array(to.rows * to.width);
    this.#reached = new Uint32Array(to.rows);
    this.#isReached = new Uint8Array(to.rows);
  }

  /** Adds `factor` times a row that begins at `at` of `x`. */
  add(row: number, factor: number, x: Numbers, at: number): void {
    this.#reach(row);
    const { width } = this.#to;
    this.#arithmetic.add(factor, x, at, this.#sums, row * width, width);
  }

  /** Adds to one column. */
  addOne(row: number, column: number, x: number): void {
    this.#reach(row);
    const at = row * this.#to.width + column;
    this.#sums[at] = this.#arithmetic.round(this.#sums[at] + x);
  }

  /** Adds the sums to the gradient, and begins anew. */
  flush(): void {
    if (this.#count === 0) return;
    const { width, adjoint } = this.#to;
    for (let index = 0; index < this.#count; index++) {
      const row = this.#reached[index];
      this.#arithmetic.add(1, this.#sums, row * width, adjoint, row * width, width);
      this.#sums.fill(0, row * width, (row + 1) * width);
      this.#isReached[row] = 0;
    }
    this.#count = 0;
  }

  #reach(row: number): void {
    if (this.#isReached[row] === 1) return;
    this.#isReached[row] = 1;
    this.#reached[this.#count++] = row;
  }
}
