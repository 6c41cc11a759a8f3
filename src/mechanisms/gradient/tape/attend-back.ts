import { remembered } from "../../../core/remembered.ts";
import { float64 } from "../../oracle.ts";
import { type Arithmetic, arithmeticOf } from "./arithmetic.ts";
import type { Attention } from "./attend.ts";
import { BlockRows } from "./block-rows.ts";
import type { AttendedRow } from "./row-weights.ts";
import type { Value } from "./tape.ts";

/** One row of attention, and what is known of the gradients of what it gave. */
interface BackRow {
  readonly row: number;
  readonly list: ArrayLike<number>;
  readonly weighed: AttendedRow;
  /** The gradient of each output; null of one that has none. */
  readonly reached: readonly (Float64Array | null)[];
  readonly ofLogSum: number;
}

/** The way back through attention, row by row; what is added to keys and values is summed in blocks of rows. */
export class AttendBack {
  readonly #attention: Attention;
  readonly #arithmetic: Arithmetic;
  readonly #blocks = new Map<Value, BlockRows>();
  #room = roomFor(0);
  /** Whether all rows lead to something that is wanted. */
  readonly #isAllWanted: boolean;

  constructor(attention: Attention, arithmetic: Arithmetic) {
    this.#attention = attention;
    this.#arithmetic = arithmetic;
    const { queries, keys, values, bias, gains } = attention;
    this.#isAllWanted =
      bias !== null ||
      gains !== undefined ||
      [queries, keys, ...values].some((one) => one !== null && one.wanted === null);
  }

  /** Whether a gradient arrives at a row. */
  isReached(row: number, reached: readonly (Float64Array | null)[]): boolean {
    for (let index = 0; index < reached.length; index++) {
      const gradient = reached[index];
      const { width } = this.#attention.values[index];
      if (gradient === null) continue;
      for (let i = row * width; i < (row + 1) * width; i++) if (gradient[i] !== 0) return true;
    }
    return false;
  }

  /** Whether a gradient that is wanted depends on a row. */
  isWanted(row: number, list: ArrayLike<number>): boolean {
    const { queries, keys, values } = this.#attention;
    if (this.#isAllWanted || queries?.wants(row) === true) return true;
    for (let at = 0; at < list.length; at++) {
      if (keys?.wants(list[at]) === true) return true;
      for (let index = 0; index < values.length; index++) if (values[index].wants(list[at])) return true;
    }
    return false;
  }

  row({ row, list, weighed, reached, ofLogSum }: BackRow): void {
    const { scale, gains } = this.#attention;
    const { round, roundAll } = this.#arithmetic;
    const { weights, total } = weighed;
    const count = list.length;
    const [shares, slopes, gained] = this.#roomFor(count);
    for (let at = 0; at < count; at++) shares[at] = weights[at] / total;
    roundAll(shares, count);
    const gain = gains === undefined ? 1 : gains.data[row];
    for (let at = 0; at < count; at++) gained[at] = gain * shares[at];
    if (gain !== 1) roundAll(gained, count);
    this.#addToValues(row, list, reached, { gained, slopes });
    const mean = this.#meanOf(shares, this.#slopesOfMean(row, list, reached, slopes), count);
    if (gains !== undefined) gains.adjoint[row] = round(gains.adjoint[row] + mean);
    if (gain !== 1) {
      for (let at = 0; at < count; at++) slopes[at] *= gain;
      roundAll(slopes, count);
    }
    const gainedMean = gain === 1 ? mean : round(mean * gain);
    const less = ofLogSum === 0 ? gainedMean : round(gainedMean - ofLogSum);
    for (let at = 0; at < count; at++) slopes[at] -= less;
    roundAll(slopes, count);
    for (let at = 0; at < count; at++) slopes[at] *= shares[at];
    roundAll(slopes, count);
    this.#addToBias(list, slopes);
    if (scale !== 1) {
      for (let at = 0; at < count; at++) slopes[at] *= scale;
      roundAll(slopes, count);
    }
    this.#addToScored(row, list, slopes);
  }

  /** Adds the block to what its rows were added to. */
  flush(): void {
    for (const block of this.#blocks.values()) block.flush();
  }

  /** Adds to values, and gives `Σ dout·v` of each key over all outputs. */
  #addToValues(
    row: number,
    list: ArrayLike<number>,
    reached: BackRow["reached"],
    { gained, slopes }: { readonly gained: Float64Array; readonly slopes: Float64Array },
  ): void {
    const count = list.length;
    let isFirst = true;
    for (let index = 0; index < reached.length; index++) {
      const gradient = reached[index];
      if (gradient === null) continue;
      const value = this.#attention.values[index];
      const { width, data: of } = value;
      const along = isFirst ? slopes : new Float64Array(count);
      this.#arithmetic.dots(gradient, row * width, { of, width, list }, along);
      if (!isFirst) {
        for (let at = 0; at < count; at++) slopes[at] += along[at];
        this.#arithmetic.roundAll(slopes, count);
      }
      isFirst = false;
      const sums = this.#blockOf(value);
      for (let at = 0; at < count; at++) {
        if (value.wants(list[at])) sums.add(list[at], gained[at], gradient, row * width);
      }
    }
    if (isFirst) slopes.fill(0, 0, count);
  }

  /**
   * `Σ dout·v` of each key, as its mean is made of. Kernels take that from products of their own, such as `dout·out`: where a row has
   * one key its score has no gradient, and what they give is the difference of two roundings. These go opposite ways: of two tries
   * both may draw the same way twice, and there would be nothing to be off by.
   */
  #slopesOfMean(
    row: number,
    list: ArrayLike<number>,
    reached: BackRow["reached"],
    slopes: Float64Array,
  ): Float64Array {
    if (this.#arithmetic.isDisturbed !== true) return slopes;
    const [exact, along] = [new Float64Array(list.length), new Float64Array(list.length)];
    for (let index = 0; index < reached.length; index++) {
      const gradient = reached[index];
      if (gradient === null) continue;
      const { width, data: of } = this.#attention.values[index];
      arithmeticOf(float64).dots(gradient, row * width, { of, width, list }, along);
      for (let at = 0; at < list.length; at++) exact[at] += along[at];
    }
    return exact.map((value, at) => 2 * value - slopes[at]);
  }

  #meanOf(shares: Float64Array, slopes: Float64Array, count: number): number {
    const [x, y] = [shares, slopes].map((of) => ({ of, at: 0, step: 1 }));
    return this.#arithmetic.dot(x, y, count);
  }

  /** Three arrays for so many keys of one row: new ones for each would keep the collector busy. */
  #roomFor(count: number): readonly [Float64Array, Float64Array, Float64Array] {
    if (this.#room[0].length < count) this.#room = roomFor(count);
    return this.#room;
  }

  #addToBias(list: ArrayLike<number>, slopes: Float64Array): void {
    const { bias } = this.#attention;
    if (bias === null) return;
    const sums = this.#blockOf(bias);
    for (let at = 0; at < list.length; at++) sums.add(list[at], slopes[at], ONE, 0);
  }

  /** Adds to the query and the keys of a row what the slopes of its scores give them. */
  #addToScored(row: number, list: ArrayLike<number>, slopes: Float64Array): void {
    const { queries, keys } = this.#attention;
    const { round, add } = this.#arithmetic;
    if (keys === null) {
      if (queries === null || !queries.wants(row)) return;
      const { adjoint, width } = queries;
      for (let at = 0; at < list.length; at++) {
        const to = row * width + list[at];
        adjoint[to] = round(adjoint[to] + slopes[at]);
      }
      return;
    }
    const { data, width } = keys;
    const sums = this.#blockOf(keys);
    if (queries === null) {
      for (let at = 0; at < list.length; at++) sums.addOne(list[at], row, slopes[at]);
      return;
    }
    if (queries.wants(row)) {
      const { adjoint } = queries;
      for (let at = 0; at < list.length; at++) {
        add(slopes[at], data, list[at] * width, adjoint, row * width, width);
      }
    }
    const own = queries.data;
    for (let at = 0; at < list.length; at++) {
      if (keys.wants(list[at])) sums.add(list[at], slopes[at], own, row * width);
    }
  }

  #blockOf(to: Value): BlockRows {
    return remembered(this.#blocks, to, () => new BlockRows(to, this.#arithmetic));
  }
}

const ONE = Float64Array.of(1);

function roomFor(count: number): readonly [Float64Array, Float64Array, Float64Array] {
  return [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
}
