import { FLOAT32_EPSILON } from "../../../core/error-budget.ts";
import { type Rounding, sumsOf } from "../../oracle.ts";
import type { Slope } from "./slopes.ts";

/** What a pair adds to a row: so many times the derivatives that stand in `slope`. */
export interface Factor {
  readonly value: number;
  /** How far a float32 rounding of what goes into it may move it, and its terms before anything cancels. */
  readonly moved: number;
  readonly magnitude: number;
}

/** A row of a gradient, pair by pair. */
export interface RowSum {
  add(factor: Factor, slope: Slope): void;
  /** The same of one number of the row. */
  addTo(column: number, factor: Factor): void;
}

/** The numbers of a row, each product and each sum rounded. */
export class ValueSum implements RowSum {
  readonly values: Float64Array;
  readonly #within: Rounding;

  constructor(width: number, round: Rounding) {
    this.values = new Float64Array(width);
    this.#within = sumsOf(round);
  }

  add({ value }: Factor, { values: slopes }: Slope): void {
    const within = this.#within;
    const { values } = this;
    for (let c = 0; c < values.length; c++) values[c] = within(values[c] + within(value * slopes[c]));
  }

  addTo(column: number, { value }: Factor): void {
    this.values[column] = this.#within(this.values[column] + value);
  }
}

/** The same in float64, how far they may be moved, and their terms before anything cancels. */
export class ExactSum implements RowSum {
  readonly values: Float64Array;
  readonly slack: Float64Array;
  readonly magnitudes: Float64Array;
  #terms = 0;

  constructor(width: number) {
    this.values = new Float64Array(width);
    this.slack = new Float64Array(width);
    this.magnitudes = new Float64Array(width);
  }

  /** Pairs that were added. */
  get terms(): number {
    return this.#terms;
  }

  add({ value, moved, magnitude }: Factor, { values: slopes, moved: offs }: Slope): void {
    this.#terms++;
    const size = Math.abs(value);
    for (let c = 0; c < slopes.length; c++) {
      const slope = Math.abs(slopes[c]);
      this.values[c] += value * slopes[c];
      this.slack[c] += moved * (slope + offs[c]) + size * (offs[c] + FLOAT32_EPSILON * slope);
      this.magnitudes[c] += magnitude * slope;
    }
  }

  addTo(column: number, { value, moved, magnitude }: Factor): void {
    this.#terms++;
    this.values[column] += value;
    this.slack[column] += moved + FLOAT32_EPSILON * Math.abs(value);
    this.magnitudes[column] += magnitude;
  }
}
