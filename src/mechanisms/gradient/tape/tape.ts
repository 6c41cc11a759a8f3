import type { Numbers } from "../../../core/tensors.ts";
import type { Arithmetic } from "./arithmetic.ts";

/** A matrix `[rows, width]` that a tape was given or has made, and what is known of its gradient. */
export class Value {
  readonly rows: number;
  readonly width: number;
  /** 1 for the rows whose gradient somebody asks for, all others being left as they are; null if all are. */
  readonly wanted: Uint8Array | null;
  #data: Numbers | (() => Numbers);
  #adjoint: Float64Array | null = null;

  /** Numbers, or what makes them, which is done when they are first read. */
  constructor(
    rows: number,
    width: number,
    data: Numbers | (() => Numbers),
    wanted: Uint8Array | null = null,
  ) {
    this.rows = rows;
    this.width = width;
    this.#data = data;
    this.wanted = wanted;
  }

  get data(): Numbers {
    if (typeof this.#data === "function") this.#data = this.#data();
    return this.#data;
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

  /** Whether anybody asks for the gradient of a row. */
  wants(row: number): boolean {
    return this.wanted === null || this.wanted[row] === 1;
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

  /**
   * The result of a step. `back` adds to the gradients of what it read; it is not called where no gradient arrives. `wanted`
   * says of which rows it goes back at all.
   */
  made(
    rows: number,
    width: number,
    data: Numbers,
    back: (gradient: Float64Array) => void,
    wanted: Uint8Array | null = null,
  ): Value {
    const value = new Value(rows, width, data, wanted);
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
