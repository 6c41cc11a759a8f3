import { type Dtype, formatOf, isReduced, type NumberFormat } from "../core/dtype.ts";
import { type Intervals, measure } from "../core/pattern.ts";
import { type RandomStream, randomStream } from "../core/random.ts";
import type { RowPlace } from "../core/rows.ts";
import { isSelfAttention, kvHeadOf, layoutOf, offsetIn, QKV } from "../core/shape.ts";
import { type JudgedProblem, reads } from "../mechanisms/judged.ts";

/**
 * Changes some elements of q, k and v before every timed call, so that no two calls are given the same
 * numbers: anything cached from an earlier call, keyed by whatever part of its inputs, is wrong or must be
 * recomputed.
 */
export interface Pokes {
  /** Arranges the changes for a number of calls: the last is one whose affected rows are known. */
  begin(calls: number): void;
  /**
   * Undoes the previous change and makes the next: a thousandth of a call's time at most, or some
   * nanoseconds, timed with the call.
   */
  next(): void;
  /** The current change: its number, and the rows of the output that show it. Null if there is none. */
  standing(): { readonly index: number; readonly rows: readonly RowPlace[] } | null;
  /** Undoes the current change. */
  undo(): void;
}

/**
 * Changes that follow one another before the first comes again: a prime, so that no period of a kernel
 * divides it.
 */
const PLACES = 61;
/** Of these the last of a slot is one, in turn: what is expected then is computed once. */
const TELLING = 2;
/** Rows checked for one change. */
const MOST_ROWS = 3;

/** The share of a call's time that the changes before it may take; each writes three numbers. */
const SHARE = 1e-3;
const WRITES_S = 6e-9;
const MOST_SITES = 128;
/** The most rows a tile has: what is cached per tile is changed in each, as far as time allows. */
const TILE = 64;
/**
 * Changes of intermediate calls take this many different sizes, so that the same numbers do not recur: in half precision as
 * many as there are numbers from 1 to 2.
 */
function sizesIn(dtype: Dtype | undefined): number {
  return isReduced(dtype) ? 1 / formatOf(dtype).epsilon : 2 ** 20;
}

interface Poke {
  readonly rows: readonly RowPlace[];
  /** Where q, k and v change, the first of each in those rows. */
  readonly sites: readonly [q: readonly number[], k: readonly number[], v: readonly number[]];
}

/** How many places may change before a call of the given seconds. */
export function sitesFor(callSeconds: number): number {
  const affordable = Math.floor((SHARE * callSeconds) / WRITES_S);
  return Math.min(Math.max(affordable, 1), MOST_SITES);
}

/**
 * `sites` places change at once: one whose affected rows are known, and others in other heads and tiles, so
 * that a kernel cannot compute only the part that has changed.
 */
export function pokes(problem: JudgedProblem, seed: number, sites: number): Pokes {
  const { q, k, v } = problem.inputs;
  const times = isReduced(problem.dtype) ? inNumbers(formatOf(problem.dtype)) : product;
  const sizes = sizesIn(problem.dtype);
  const all = drawPokes(problem, randomStream(seed, PLACES), sites);
  const tensors = [q, k, v];
  const places = all.map((poke) => poke.sites.map((at) => Int32Array.from(at)));
  const saved = tensors.map(() => new Float32Array(sites));
  /** Every other change leaves q as it was: anything cached by q alone is then wrong as well. */
  const firstOf = (change: number) => change % 2;
  let index = -1;
  let following = 0;
  let turn = 0;
  let left = 0;
  let size = 0;
  const undo = (): void => {
    if (index < 0) return;
    for (let tensor = firstOf(index); tensor < 3; tensor++) {
      const at = places[index][tensor];
      for (let site = 0; site < at.length; site++) tensors[tensor][at[site]] = saved[tensor][site];
    }
    index = -1;
  };
  return {
    begin(calls) {
      undo();
      const last = turn++ % TELLING;
      following = (((last - calls + 1) % PLACES) + PLACES) % PLACES;
      left = calls;
    },
    next() {
      undo();
      index = following;
      following = following + 1 === PLACES ? 0 : following + 1;
      left--;
      size = size + 1 === sizes ? 1 : size + 1;
      // The last change only negates: what is then expected is known. Before it no two are the same.
      const factor = left === 0 ? -1 : -1 - size / sizes;
      for (let tensor = firstOf(index); tensor < 3; tensor++) {
        const at = places[index][tensor];
        for (let site = 0; site < at.length; site++) {
          saved[tensor][site] = tensors[tensor][at[site]];
          tensors[tensor][at[site]] = times(factor, saved[tensor][site]);
        }
      }
    },
    standing: () => (index < 0 ? null : { index, rows: all[index].rows }),
    undo,
  };
}

function product(factor: number, number: number): number {
  return factor * number;
}

/** The same among the numbers of a dtype, from -1 to -2 times; -1 of one that would be beyond the largest. */
function inNumbers({ round, most }: NumberFormat): typeof product {
  return (factor, number) => {
    const near = round(factor * number);
    return Math.abs(near) <= most ? near : -number;
  };
}

/**
 * A query, a key that it attends, and some more rows that attend it: what stands there is what these rows
 * were computed from.
 */
function drawPokes(problem: JudgedProblem, random: RandomStream, sites: number): Poke[] {
  const { shape, inputs } = problem;
  const { batch, heads, length, queries } = shape;
  const read = reads(problem);
  /** Where the largest element of a row is, by the head of q that reads it. */
  const largest = (name: "q" | "k" | "v", entry: number, head: number, row: number) => {
    const layout = layoutOf(shape, name);
    const own = name === "q" ? head : kvHeadOf(shape, head);
    return largestAt(inputs[name], offsetIn(layout, entry, own, row), layout.width);
  };
  return Array.from({ length: PLACES }, () => {
    const entry = random.below(batch);
    const head = random.below(heads);
    const row = random.below(queries);
    const keys = read[head].intervals(row);
    const key = keys.length === 0 ? Math.min(row, length - 1) : drawKey(keys, random);
    const rows = new Set([row]);
    // Neighbours first: a kernel that computes every other row, or half of them, leaves one of these
    // unchanged.
    for (const other of [row + 1, row - 1, random.below(queries), random.below(queries), key]) {
      const inside = other >= 0 && other < queries && rows.size < MOST_ROWS;
      if (inside && read[head].attends(other, key)) rows.add(other);
    }
    const at = {
      q: new Set([largest("q", entry, head, row)]),
      k: new Set([largest("k", entry, head, key)]),
      v: new Set([largest("v", entry, head, key)]),
    };
    // The same places of all three if queries are the tokens; otherwise keys by themselves.
    const together = isSelfAttention(shape) ? [QKV] : [["q"] as const, ["k", "v"] as const];
    for (const names of together) {
      const rowsIn = names.some((name) => name === "q") ? queries : length;
      const tiles = Math.ceil(rowsIn / TILE);
      const areas = batch * heads * tiles;
      const first = random.below(areas);
      for (let site = 1; site < Math.min(sites, areas); site++) {
        const area = (first + Math.floor((site * areas) / Math.min(sites, areas))) % areas;
        const slice = Math.floor(area / tiles);
        const tile = (area % tiles) * TILE;
        const token = tile + random.below(Math.min(TILE, rowsIn - tile));
        for (const name of names) {
          at[name].add(largest(name, Math.floor(slice / heads), slice % heads, token));
        }
      }
    }
    return {
      rows: [...rows].map((one) => ({ batch: entry, head, row: one })),
      sites: [[...at.q], [...at.k], [...at.v]],
    };
  });
}

function drawKey(ranges: Intervals, random: RandomStream): number {
  let left = random.below(measure(ranges));
  for (let at = 0; at < ranges.length; at += 2) {
    const size = ranges[at + 1] - ranges[at];
    if (left < size) return ranges[at] + left;
    left -= size;
  }
  throw new RangeError("drawKey: ranges must hold a key, got none");
}

/** Where the largest element of a row is: negating it changes the row the most. */
function largestAt(tensor: Float32Array, start: number, count: number): number {
  let most = start;
  for (let at = start; at < start + count; at++) if (Math.abs(tensor[at]) > Math.abs(tensor[most])) most = at;
  return most;
}
