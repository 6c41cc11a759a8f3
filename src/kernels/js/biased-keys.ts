import type { Workspace } from "../workspace.ts";
import { packRows } from "./pack.ts";
import { addProduct } from "./product.ts";
import { type RowState, softmaxFull } from "./softmax-tile.ts";

/** Rows, and keys of a chunk. */
export const CHUNK = 32;

/**
 * What keys that all rows of a block see add to them: weights `e^{w_ij}` relative to the largest of the row, times `e^{k_j}` and `e^{k_j} v_j`
 * relative to the largest key of each channel so far. Both products of the paper are one, with values twice as wide.
 */
export class BiasedKeys {
  /** Weighted values and then weights of each channel, `[CHUNK, 2 · channels]`, and the largest bias of each row. */
  readonly rows: RowState;
  /** The largest key of each channel that the sums are relative to. */
  readonly largest: Float64Array;
  readonly #queries: Float64Array;
  readonly #keys: Float64Array;
  readonly #scores: Float64Array;
  readonly #values: Float64Array;

  readonly channels: number;
  readonly rank: number;

  constructor(channels: number, rank: number, workspace: Workspace) {
    this.channels = channels;
    this.rank = rank;
    this.rows = {
      maximum: workspace.float64(CHUNK),
      total: workspace.float64(CHUNK),
      output: workspace.float64(CHUNK * 2 * channels),
    };
    this.largest = workspace.float64(channels);
    this.#queries = workspace.float64(CHUNK * rank);
    this.#keys = workspace.float64(CHUNK * rank);
    this.#scores = workspace.float64(CHUNK * CHUNK);
    this.#values = workspace.float64(CHUNK * 2 * channels);
  }

  /** Begins a block of rows, whose biases begin at `at`. */
  open(u: Float32Array, at: number, count: number): void {
    const { maximum, total, output } = this.rows;
    maximum.fill(Number.NEGATIVE_INFINITY);
    total.fill(0);
    output.fill(0);
    this.largest.fill(-Number.MAX_VALUE);
    packRows(u, at, { count, token: (row) => row }, this.rank, 1, this.#queries);
  }

  /**
   * Adds a chunk of `keys` keys, whose biases begin at `biasesAt` and whose k and v begin at `at`, to `count` rows. The bias of
   * row r and key n is 0 where `r - n + apart` is `window` or more on either side.
   */
  add(
    count: number,
    biases: Float32Array,
    biasesAt: number,
    k: Float32Array,
    v: Float32Array,
    at: number,
    keys: number,
    apart: number,
    window: number,
  ): void {
    const { channels, rank, rows } = this;
    this.#packValues(k, v, at, keys);
    packRows(biases, biasesAt, { count: keys, token: (key) => key }, rank, 1, this.#keys);
    const scores = this.#scores;
    scores.fill(0);
    addProduct(this.#queries, 0, rank, this.#keys, rank, scores, 0, CHUNK, count, keys, rank);
    for (let row = 0; row < count; row++) {
      for (let key = 0; key < keys; key++) {
        if (Math.abs(row - key + apart) >= window) scores[row * CHUNK + key] = 0;
      }
    }
    softmaxFull(scores, CHUNK, count, keys, rows, 2 * channels);
    const width = 2 * channels;
    addProduct(scores, 0, CHUNK, this.#values, CHUNK, rows.output, 0, width, count, width, keys);
  }

  /** Keys and values as columns, `[2 · channels, CHUNK]`, relative to the largest key so far, to which the sums are brought. */
  #packValues(k: Float32Array, v: Float32Array, at: number, keys: number): void {
    const { channels, largest } = this;
    for (let c = 0; c < channels; c++) {
      let most = largest[c];
      for (let key = 0; key < keys; key++) {
        const one = k[at + key * channels + c];
        if (one > most) most = one;
      }
      if (most > largest[c]) this.#raise(c, most);
      for (let key = 0; key < keys; key++) {
        const from = at + key * channels + c;
        const weight = Math.exp(k[from] - most);
        this.#values[c * CHUNK + key] = weight * v[from];
        this.#values[(channels + c) * CHUNK + key] = weight;
      }
    }
  }

  #raise(c: number, most: number): void {
    const { channels, largest, rows } = this;
    const factor = Math.exp(largest[c] - most);
    largest[c] = most;
    for (let row = 0; row < CHUNK; row++) {
      const at = row * 2 * channels + c;
      rows.output[at] *= factor;
      rows.output[at + channels] *= factor;
    }
  }
}
