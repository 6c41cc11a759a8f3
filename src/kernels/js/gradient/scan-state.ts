import type { Workspace } from "../../workspace.ts";
import { timesState } from "./state-products.ts";

/**
 * A sum over tokens of a row of features times a row of numbers, `[features, width]`, as it is while the tokens are gone
 * through from the first or from the last.
 */
export interface ScanState {
  /** All of its numbers. */
  readonly numbers: Float64Array;
  /** Whether rows are exponents of features. */
  readonly isOfPowers: boolean;
  clear(): void;
  /** Adds a token: its features, or their exponents, and its numbers. */
  add(row: Float64Array, numbers: Float64Array): void;
  /** `to_r`, `[features]`: the derivative of what is read with `numbers` by each feature of a row, or by its exponent. */
  slopes(row: Float64Array, numbers: Float64Array, to: Float64Array): void;
  /**
   * Takes from the exponents of a row the largest that it reads, so that what is read does not overflow, and gives that; 0 of
   * features, which remain as they are.
   */
  shift(row: Float64Array): number;
  /** `to_c = Σ_r φ_r S_rc` of as many columns as `to` has. */
  read(row: Float64Array, to: Float64Array): void;
}

/** Of features themselves. */
export class SumState implements ScanState {
  readonly isOfPowers = false;
  readonly numbers: Float64Array;
  readonly #width: number;

  constructor(features: number, width: number, workspace: Workspace) {
    this.numbers = workspace.float64(features * width);
    this.#width = width;
  }

  clear(): void {
    this.numbers.fill(0);
  }

  add(row: Float64Array, numbers: Float64Array): void {
    addRows(this.numbers, this.#width, row, numbers);
  }

  slopes(_row: Float64Array, numbers: Float64Array, to: Float64Array): void {
    timesState(this.numbers, 0, numbers, to);
  }

  shift(): number {
    return 0;
  }

  read(row: Float64Array, to: Float64Array): void {
    readRows(this.numbers, this.#width, row, to);
  }
}

/**
 * Of exponents: each feature's sums are relative to the exponential of the largest that it was given, so that nothing overflows
 * as long as what is read of it does not. Its last column holds those exponents.
 */
export class PowerState implements ScanState {
  readonly isOfPowers = true;
  readonly numbers: Float64Array;
  readonly #width: number;
  readonly #sums: Float64Array;
  readonly #largest: Float64Array;
  readonly #weights: Float64Array;

  constructor(features: number, width: number, workspace: Workspace) {
    this.numbers = workspace.float64(features * (width + 1));
    this.#width = width;
    this.#sums = this.numbers.subarray(0, features * width);
    this.#largest = this.numbers.subarray(features * width);
    this.#weights = workspace.float64(features);
    this.clear();
  }

  clear(): void {
    this.#sums.fill(0);
    this.#largest.fill(Number.NEGATIVE_INFINITY);
  }

  add(row: Float64Array, numbers: Float64Array): void {
    const width = this.#width;
    const largest = this.#largest;
    const sums = this.#sums;
    for (let r = 0; r < row.length; r++) {
      const exponent = row[r];
      if (exponent > largest[r]) {
        const factor = Math.exp(largest[r] - exponent);
        for (let at = r * width; at < (r + 1) * width; at++) sums[at] *= factor;
        largest[r] = exponent;
      }
      this.#weights[r] = Math.exp(exponent - largest[r]);
    }
    addRows(sums, width, this.#weights, numbers);
  }

  slopes(row: Float64Array, numbers: Float64Array, to: Float64Array): void {
    timesState(this.#sums, 0, numbers, to);
    for (let r = 0; r < row.length; r++) to[r] *= Math.exp(row[r] + this.#largest[r]);
  }

  read(row: Float64Array, to: Float64Array): void {
    for (let r = 0; r < row.length; r++) this.#weights[r] = Math.exp(row[r] + this.#largest[r]);
    readRows(this.#sums, this.#width, this.#weights, to);
  }

  shift(row: Float64Array): number {
    let most = Number.NEGATIVE_INFINITY;
    for (let r = 0; r < row.length; r++) most = Math.max(most, row[r] + this.#largest[r]);
    for (let r = 0; r < row.length; r++) row[r] -= most;
    return most;
  }
}

function addRows(sums: Float64Array, width: number, row: Float64Array, numbers: Float64Array): void {
  for (let r = 0; r < row.length; r++) {
    const value = row[r];
    const at = r * width;
    for (let c = 0; c < width; c++) sums[at + c] += value * numbers[c];
  }
}

function readRows(sums: Float64Array, width: number, row: Float64Array, to: Float64Array): void {
  to.fill(0);
  for (let r = 0; r < row.length; r++) {
    const value = row[r];
    const at = r * width;
    for (let c = 0; c < to.length; c++) to[c] += value * sums[at + c];
  }
}
