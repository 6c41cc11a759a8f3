import type { Workspace } from "../workspace.ts";

/** How many numbers there are of each, how wide values are, and the slope of the leaky rectifier, from 0 to 1. */
interface Sizes {
  readonly queries: number;
  readonly keys: number;
  readonly width: number;
  readonly slope: number;
}

/**
 * Rows `Σ_j e^leaky(s_i + t_j) v_j / Σ_j e^leaky(s_i + t_j)` by two walks over queries and keys in the order of
 * their numbers: one up, which collects the keys below each query's kink, and one down, for those above it.
 * Sums only grow, in float64, so that nothing cancels. What keys contribute is taken relative to the largest
 * t, T: what underflows then is less than e^-700 of its row.
 */
export class SortedSums {
  readonly #sizes: Sizes;
  /** The queries' numbers, with 0 for those that are not finite, so that they have an order. */
  readonly #finite: Float64Array;
  readonly #queryOrder: Uint32Array;
  readonly #keyOrder: Uint32Array;
  /** For each query in its order, the keys below its kink. */
  readonly #below: Uint32Array;
  /** The sum so far: of values, and then of weights. */
  readonly #sum: Float64Array;
  /** Rows before they are divided by their last number, the weights' sum. */
  readonly #rows: Float64Array;

  constructor(workspace: Workspace, sizes: Sizes) {
    const { queries, keys, width } = sizes;
    this.#sizes = sizes;
    this.#queryOrder = new Uint32Array(queries);
    this.#keyOrder = new Uint32Array(keys);
    this.#below = new Uint32Array(queries);
    workspace.add(this.#queryOrder, this.#keyOrder, this.#below);
    this.#finite = workspace.float64(queries);
    this.#sum = workspace.float64(width + 1);
    this.#rows = workspace.float64(queries * (width + 1));
  }

  /** Writes the rows of queries s over keys t and values `[keys, width]`. */
  write(s: Float64Array, t: Float64Array, values: Float32Array, output: Float32Array): void {
    const { queries, width } = this.#sizes;
    const largest = t.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    // Scores that are all -∞, or one of which is ∞ or not a number, have no softmax.
    if (!Number.isFinite(largest)) {
      output.fill(Number.NaN);
      return;
    }
    sortBy(t, 1, this.#keyOrder);
    for (let row = 0; row < queries; row++) this.#finite[row] = Number.isFinite(s[row]) ? s[row] : 0;
    sortBy(this.#finite, -1, this.#queryOrder);
    this.#collectBelow(this.#finite, t, largest, values);
    this.#collectAbove(t, largest, values);
    for (let row = 0; row < queries; row++) {
      const from = row * (width + 1);
      const total = Number.isFinite(s[row]) ? this.#rows[from + width] : Number.NaN;
      for (let i = 0; i < width; i++) output[row * width + i] = this.#rows[from + i] / total;
    }
  }

  /** Queries from the largest number down, whose kinks rise: the keys below each, relative to the row's largest weight. */
  #collectBelow(s: Float64Array, t: Float64Array, largest: number, values: Float32Array): void {
    const { queries, keys, width, slope } = this.#sizes;
    this.#sum.fill(0);
    let next = 0;
    for (let at = 0; at < queries; at++) {
      const row = this.#queryOrder[at];
      while (next < keys && s[row] + t[this.#keyOrder[next]] < 0) {
        const key = this.#keyOrder[next++];
        this.#add(Math.exp(slope * (t[key] - largest)), key, values);
      }
      this.#below[at] = next;
      // The largest weight is e^(s + T) if that key is above the kink, and e^(slope (s + T)) otherwise.
      const top = s[row] + largest;
      const factor = top >= 0 ? Math.exp((slope - 1) * top) : 1;
      const to = row * (width + 1);
      for (let i = 0; i <= width; i++) this.#rows[to + i] = next === 0 ? 0 : factor * this.#sum[i];
    }
  }

  /** The same queries backwards, and keys from the largest down: those above each kink. */
  #collectAbove(t: Float64Array, largest: number, values: Float32Array): void {
    const { queries, keys, width } = this.#sizes;
    this.#sum.fill(0);
    let next = keys;
    for (let at = queries - 1; at >= 0; at--) {
      while (next > this.#below[at]) {
        const key = this.#keyOrder[--next];
        this.#add(Math.exp(t[key] - largest), key, values);
      }
      if (next === keys) continue;
      const to = this.#queryOrder[at] * (width + 1);
      for (let i = 0; i <= width; i++) this.#rows[to + i] += this.#sum[i];
    }
  }

  #add(weight: number, key: number, values: Float32Array): void {
    const { width } = this.#sizes;
    const from = key * width;
    for (let i = 0; i < width; i++) this.#sum[i] += weight * values[from + i];
    this.#sum[width] += weight;
  }
}

/** The places of numbers in rising order, or in falling order if the sign is -1. */
function sortBy(numbers: Float64Array, sign: 1 | -1, order: Uint32Array): void {
  for (let at = 0; at < order.length; at++) order[at] = at;
  order.sort((a, b) => sign * (numbers[a] - numbers[b]) || 0);
}
