import { channelsOf, type Turn, turnPerToken } from "../../pairwise/turn.ts";
import type { Tokens } from "../walk-schedule.ts";
import type { Workspace } from "../workspace.ts";

/** Positions whose angles are looked up; those of others are sums of two that are. */
const FINE = 256;

/**
 * Turns rows by their positions. The cosine and sine of a position come of those of a multiple of 256 and of
 * the rest, so that a long sequence needs no table as large as its keys.
 */
export class Rotation {
  readonly #pairs: number;
  readonly #start: number;
  readonly #first: Int32Array;
  readonly #second: Int32Array;
  /** `[positions, pairs, 2]`: cosines and sines of 0, 1, … 255, and of the first position and every 256th from it. */
  readonly #fine: Float64Array;
  readonly #coarse: Float64Array;

  /** For positions `first … end - 1`: queries may come before the first key. */
  constructor(turn: Turn, headDim: number, first: number, end: number, workspace: Workspace) {
    this.#pairs = headDim / 2;
    const channels = Array.from({ length: this.#pairs }, (_, pair) => channelsOf(turn, pair, headDim));
    this.#first = Int32Array.from(channels, ([first]) => first);
    this.#second = Int32Array.from(channels, ([, second]) => second);
    this.#start = first;
    const length = end - first;
    const angles = (from: number, count: number, step: number): Float64Array => {
      const table = workspace.float64(count * headDim);
      for (let at = 0; at < count * this.#pairs; at++) {
        const pair = at % this.#pairs;
        const angle = (from + Math.floor(at / this.#pairs) * step) * turnPerToken(turn, pair, headDim);
        table[2 * at] = Math.cos(angle);
        table[2 * at + 1] = Math.sin(angle);
      }
      return table;
    };
    this.#fine = angles(0, Math.min(FINE, length), 1);
    this.#coarse = angles(first, Math.ceil(length / FINE), FINE);
  }

  /** Turns rows that lie one after the other, those of tokens that count from `first`. */
  turnRows(rows: Float64Array, tokens: Tokens, first: number): void {
    for (let row = 0; row < tokens.count; row++) {
      this.turnRow(rows, 2 * row * this.#pairs, first + tokens.token(row));
    }
  }

  /** Turns the row that begins at `at`, of the token at a position. */
  turnRow(row: Float64Array, at: number, position: number): void {
    this.#turn(row, at, position, 1);
  }

  /** The inverse: what is of the turned row becomes what is of the row. */
  turnBack(row: Float64Array, at: number, position: number): void {
    this.#turn(row, at, position, -1);
  }

  #turn(row: Float64Array, at: number, position: number, way: 1 | -1): void {
    const from = position - this.#start;
    const fine = (from % FINE) * 2 * this.#pairs;
    const coarse = Math.floor(from / FINE) * 2 * this.#pairs;
    for (let pair = 0; pair < this.#pairs; pair++) {
      const c0 = this.#fine[fine + 2 * pair];
      const s0 = this.#fine[fine + 2 * pair + 1];
      const c1 = this.#coarse[coarse + 2 * pair];
      const s1 = this.#coarse[coarse + 2 * pair + 1];
      const cosine = c0 * c1 - s0 * s1;
      const sine = way * (s0 * c1 + c0 * s1);
      const first = at + this.#first[pair];
      const second = at + this.#second[pair];
      const x = row[first];
      const y = row[second];
      row[first] = x * cosine - y * sine;
      row[second] = x * sine + y * cosine;
    }
  }
}
