import type { Arithmetic } from "./arithmetic.ts";

/** Rows whose additions are summed by themselves first: one sum over a million tokens would round as often. */
const BLOCK = 64;

/** A sum over tokens, of which stretches are summed by themselves first. */
export class BlockSum {
  /** What the tokens of this stretch add to. */
  readonly block: Float64Array;
  readonly #sums: Float64Array;
  readonly #arithmetic: Arithmetic;
  #tokens = 0;

  constructor(count: number, arithmetic: Arithmetic) {
    this.block = new Float64Array(count);
    this.#sums = new Float64Array(count);
    this.#arithmetic = arithmetic;
  }

  /** Says that a token has added all of its own. */
  next(): void {
    this.#tokens++;
    if (this.#tokens % BLOCK === 0) this.#flush();
  }

  /** The whole sum. */
  total(): Float64Array {
    this.#flush();
    return this.#sums;
  }

  #flush(): void {
    this.#arithmetic.add(1, this.block, 0, this.#sums, 0, this.block.length);
    this.block.fill(0);
  }
}
