import type { Numbers } from "../../../core/tensors.ts";
import type { Arithmetic } from "./arithmetic.ts";

/** A matrix `[rows, width]` that a tape was given or has made, and what is known of its gradient. */
export class Value {
  readonly rows: number;
  readonly width: number;
  readonly data: Numbers;
  #adjoint: Float64Array | null = null;

  constructor(rows: number, width: number, data: Numbers) {
    this.rows = rows;
    this.width = width;
    this.data = data;
  }

  /** The gradient so far, `[rows, width]`, to add to: zeros until something is added. */
  get adjoint(): Float64Array {
    this.#adjoint ??= new Float64Array(this.rows * this.width);
    return this.#adjoint;
  }

  /** The gradient of what has one; null if nothing was added to it. */
  get reached(): Float64Array | null {
    return this.#adjoint;
  }
}

/**
 * The steps of one head's forward pass, to be gone back in reverse: each knows in closed form what its result's gradient
 * is to the matrices that it read.
 */
export class Tape {
  readonly arithmetic: Arithmetic;
  readonly #steps: (() => void)[] = [];

  constructor(arithmetic: Arithmetic) {
    this.arithmetic = arithmetic;
  }

  /** The result of a step. `back` adds to the gradients of what it read; it is not called where no gradient arrives. */
  made(rows: number, width: number, data: Numbers, back: (gradient: Float64Array) => void): Value {
    const value = new Value(rows, width, data);
    this.#steps.push(() => {
      if (value.reached !== null) back(value.reached);
    });
    return value;
  }

  /** Remembers a step that makes several matrices, or none that can be named. */
  step(back: () => void): void {
    this.#steps.push(back);
  }

  /** Goes back through all steps, once the gradient of the last result is there. */
  back(): void {
    for (const step of this.#steps.toReversed()) step();
  }
}
