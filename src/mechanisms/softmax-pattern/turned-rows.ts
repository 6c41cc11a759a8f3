import type { Numbers } from "../../core/tensors.ts";
import { channelsOf, type Turn, turnPerToken } from "../../pairwise/turn.ts";
import type { Rounding } from "../oracle.ts";
import type { KeyRows } from "./key-sums.ts";

/** A row of q or of k where a score reads it, and how large its numbers were before they were turned. */
export interface TurnedRow {
  readonly values: Float64Array;
  /** Per channel. */
  readonly sizes: Float64Array;
}

/** Turns a row that begins at a place by its position, each operation rounded. */
export type TurnRow = (from: Numbers, at: number, position: number, round: Rounding) => TurnedRow;

export function turning(turn: Turn, headDim: number): TurnRow {
  const pairs = headDim / 2;
  const perToken = Float64Array.from({ length: pairs }, (_, pair) => turnPerToken(turn, pair, headDim));
  const channels = Array.from({ length: pairs }, (_, pair) => channelsOf(turn, pair, headDim));
  return (from, at, position, round) => {
    const values = new Float64Array(headDim);
    // Turning moves a rounding from one channel of a pair to the other.
    const sizes = new Float64Array(headDim);
    for (let pair = 0; pair < pairs; pair++) {
      const [first, second] = channels[pair];
      const [x, y] = [from[at + first], from[at + second]];
      const angle = position * perToken[pair];
      const [cosine, sine] = [round(Math.cos(angle)), round(Math.sin(angle))];
      values[first] = round(round(x * cosine) - round(y * sine));
      values[second] = round(round(x * sine) + round(y * cosine));
      sizes[first] = Math.sqrt(x * x + y * y);
      sizes[second] = sizes[first];
    }
    return { values, sizes };
  };
}

/** Longer ones are not kept, and turned for each row that reads them. */
const MOST_KEPT = 2 ** 22;

/** The keys of one head, turned when the first row asks for them. */
export class TurnedKeys {
  readonly #turn: TurnRow;
  readonly #from: Numbers;
  readonly #at: number;
  readonly #width: number;
  readonly #round: Rounding;
  readonly #isKept: boolean;
  readonly #done: Uint8Array;
  #values: Float64Array;
  #sizes: Float64Array;

  constructor(turn: TurnRow, { from, at, width }: Omit<KeyRows, "keys">, length: number, round: Rounding) {
    this.#turn = turn;
    this.#from = from;
    this.#at = at;
    this.#width = width;
    this.#round = round;
    this.#isKept = length * width <= MOST_KEPT;
    const kept = this.#isKept ? length : 0;
    this.#done = new Uint8Array(kept);
    this.#values = new Float64Array(kept * width);
    this.#sizes = new Float64Array(kept * width);
  }

  /** The rows of these keys as they are when turned, and how large their numbers were. */
  rows(keys: Int32Array): { readonly values: KeyRows; readonly sizes: KeyRows } {
    const width = this.#width;
    if (!this.#isKept) {
      this.#values = new Float64Array(keys.length * width);
      this.#sizes = new Float64Array(keys.length * width);
    }
    for (const [index, key] of keys.entries()) {
      const place = this.#isKept ? key : index;
      if (this.#done[place] === 1) continue;
      const { values, sizes } = this.#turn(this.#from, this.#at + key * width, key, this.#round);
      this.#values.set(values, place * width);
      this.#sizes.set(sizes, place * width);
      if (this.#isKept) this.#done[key] = 1;
    }
    const places = this.#isKept ? keys : keys.map((_, index) => index);
    const rows = (from: Float64Array): KeyRows => ({ from, at: 0, width, keys: places });
    return { values: rows(this.#values), sizes: rows(this.#sizes) };
  }
}
