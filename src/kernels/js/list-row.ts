import type { Workspace } from "../workspace.ts";
import { weighRow } from "./row-weights.ts";

/** Softmax attention of one query to the keys of a list, in float64. */
export class ListRow {
  /** Keys of the row; those from `count` on are not looked at. */
  readonly list: Int32Array;
  count = 0;
  readonly #query: Float64Array;
  readonly #weights: Float64Array;
  readonly #values: Float64Array;

  constructor(most: number, headDim: number, valueDim: number, workspace: Workspace) {
    this.list = new Int32Array(most);
    workspace.add(this.list);
    this.#query = workspace.float64(headDim);
    this.#weights = workspace.float64(most + 1);
    this.#values = workspace.float64(valueDim);
  }

  /** The query of the row, times a factor. */
  take(q: Float32Array, at: number, factor: number): void {
    const query = this.#query;
    for (let i = 0; i < query.length; i++) query[i] = q[at + i] * factor;
  }

  /** Writes the row; zeros if the list is empty. Keys and values begin at `keysAt` and `valuesAt`. */
  write(
    keys: Float32Array | Float64Array,
    keysAt: number,
    values: Float32Array,
    valuesAt: number,
    output: Float32Array,
    outAt: number,
  ): void {
    const sums = this.#values;
    const weights = this.#weights;
    sums.fill(0);
    this.#score(keys, keysAt);
    weighRow(undefined, weights, this.count);
    for (let n = 0; n < this.count; n++) {
      const at = valuesAt + this.list[n] * sums.length;
      const weight = weights[n];
      for (let i = 0; i < sums.length; i++) sums[i] += weight * values[at + i];
    }
    const factor = this.count === 0 ? 0 : weights[this.count];
    for (let i = 0; i < sums.length; i++) output[outAt + i] = sums[i] * factor;
  }

  #score(keys: Float32Array | Float64Array, base: number): void {
    const query = this.#query;
    const width = query.length;
    const even = width - (width % 4);
    for (let n = 0; n < this.count; n++) {
      const at = base + this.list[n] * width;
      // An addition that waits for the one before takes four times as long.
      let [a, b, c, d] = [0, 0, 0, 0];
      for (let i = 0; i < even; i += 4) {
        a += query[i] * keys[at + i];
        b += query[i + 1] * keys[at + i + 1];
        c += query[i + 2] * keys[at + i + 2];
        d += query[i + 3] * keys[at + i + 3];
      }
      for (let i = even; i < width; i++) a += query[i] * keys[at + i];
      this.#weights[n] = a + b + (c + d);
    }
  }
}
