import { FLOAT32_EPSILON } from "../core/error-budget.ts";
import { randomStream } from "../core/random.ts";
import type { RowPlace } from "../core/rows.ts";
import type { Numbers } from "../core/tensors.ts";
import { float64, type Oracle, type ReferenceRow, type Rounding } from "./oracle.ts";

/** Numbers that a row has in all disturbed paths: a few of them may all be lucky. */
const NUMBERS = 64;
const LEAST_PATHS = 2;

/** One head, token by token, in one precision. */
export interface Path {
  /** The output of the last token taken in, `[valueDim]`; 0 before the first. */
  readonly row: Float64Array;
  /** Takes in the next token. */
  advance(token: number): void;
}

/** What runs beside one another in a head of a recurrence. */
export interface SweptHead {
  /** The path whose rows are asked for. */
  readonly path: Path;
  /** Paths in which every number is off by what one float32 rounding may take; none but beside the exact one. */
  readonly others: readonly Path[];
  /** What a row may be off besides, after the token that was taken in last: asked once a token, in their order. */
  least(token: number): number;
}

/** Paths beside the exact one, each with other disturbances, of rows of this width. */
export function disturbedPaths(width: number, least = LEAST_PATHS): number {
  return Math.max(least, Math.ceil(NUMBERS / width));
}

/**
 * Token by token from the first, in one sweep per head that serves all of its rows. Beside the exact path run others, in
 * which every number is off by what one float32 rounding may take: how far they are from it is the slack. So a recurrence
 * that forgets keeps its slack however long the sequence is, and one in which small differences grow has a slack as large
 * as its rows from some token on: they then prove nothing, and say so. `kind` is named where something is missing.
 */
export function sweptOracle(
  kind: string,
  open: (batch: number, head: number, round: Rounding) => SweptHead,
): Oracle {
  return {
    rows(places, round) {
      const found = new Map<string, ReferenceRow>();
      for (const [name, rows] of byHead(places)) {
        const [batch, head] = name.split(" ").map(Number);
        const swept = sweep(kind, open(batch, head, round), rows, round === float64);
        for (const [row, one] of swept) found.set(`${name} ${row}`, one);
      }
      return places.map(({ batch, head, row }) => {
        const one = found.get(`${batch} ${head} ${row}`);
        if (one === undefined) throw new RangeError(`${kind}: no row ${row} in batch ${batch}, head ${head}`);
        return one;
      });
    },
  };
}

function byHead(places: readonly RowPlace[]): Map<string, Set<number>> {
  const heads = new Map<string, Set<number>>();
  for (const { batch, head, row } of places) {
    const name = `${batch} ${head}`;
    const rows = heads.get(name);
    if (rows === undefined) heads.set(name, new Set([row]));
    else rows.add(row);
  }
  return heads;
}

/** The rows that are asked for, of one head. Slack goes with the exact numbers alone. */
function sweep(
  kind: string,
  { path, others, least }: SweptHead,
  rows: ReadonlySet<number>,
  isExact: boolean,
): Map<number, ReferenceRow> {
  const last = Math.max(...rows);
  const found = new Map<number, ReferenceRow>();
  for (let token = 0; token <= last; token++) {
    path.advance(token);
    for (const other of others) other.advance(token);
    const floor = least(token);
    if (!rows.has(token)) continue;
    const values = path.row.slice();
    const slack = isExact ? slackOf(values, others, floor) : null;
    found.set(token, {
      values,
      magnitudes: values.map(Math.abs),
      slack() {
        if (slack === null) throw new TypeError(`${kind}: slack belongs to the exact rows`);
        return slack;
      },
    });
  }
  return found;
}

/**
 * How far a row's elements may be off: as far as any of them was on another path. Elements share it, since a few paths
 * may all be lucky in one.
 */
function slackOf(exact: Float64Array, paths: readonly Path[], least: number): Float64Array {
  let most = least;
  for (const { row } of paths) {
    for (const [i, value] of exact.entries()) {
      const off = Math.abs(row[i] - value);
      // NaN where the row itself is.
      if (off > most) most = off;
    }
  }
  return exact.map((value) => Math.max(most, FLOAT32_EPSILON * Math.abs(value)));
}

/** The largest number of a row that is finite. */
export function largestIn(tensor: Numbers, from: number, count: number): number {
  let most = 0;
  for (let at = from; at < from + count; at++) {
    const size = Math.abs(tensor[at]);
    if (size > most && size < Number.POSITIVE_INFINITY) most = size;
  }
  return most;
}

/** Puts a number off by the most that neighbouring float32 numbers are apart, up or down at random; seeded. */
export function disturbing(seed: number): Rounding {
  // Marsaglia 2003, doi 10.18637/jss.v008.i14: millions of coins are tossed, and a weak generator will do.
  let coins = randomStream(seed).below(2 ** 31) | 1;
  return (exact) => {
    coins ^= coins << 13;
    coins ^= coins >>> 17;
    coins ^= coins << 5;
    return coins < 0 ? exact * (1 - FLOAT32_EPSILON) : exact * (1 + FLOAT32_EPSILON);
  };
}
