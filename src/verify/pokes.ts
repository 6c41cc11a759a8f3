import { type Dtype, formatOf, isReduced, type NumberFormat } from "../core/dtype.ts";
import { OUT } from "../core/outputs.ts";
import { type Intervals, measure } from "../core/pattern.ts";
import { type RandomStream, randomStream } from "../core/random.ts";
import type { RowPlace } from "../core/rows.ts";
import {
  isSelfAttention,
  kvHeadOf,
  type Layout,
  layoutOf,
  offsetIn,
  QKV,
  type Shape,
} from "../core/shape.ts";
import { tensorNamed } from "../core/tensors.ts";
import { DOUT, gradientName } from "../mechanisms/gradient/declare.ts";
import { type JudgedProblem, reads } from "../mechanisms/judged.ts";
import { outputsOf } from "../mechanisms/outputs.ts";

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
  /** Where each of the tensors changes, the first place of each in those rows. */
  readonly sites: readonly (readonly number[])[];
}

/** The tensors that may change between calls: q, k, v, and what a gradient is taken along. */
export type PokedName = (typeof QKV)[number] | typeof DOUT;

/** How many places may change before a call of the given seconds. */
export function sitesFor(callSeconds: number): number {
  const affordable = Math.floor((SHARE * callSeconds) / WRITES_S);
  return Math.min(Math.max(affordable, 1), MOST_SITES);
}

/**
 * `sites` places change at once: one whose affected rows are known, and others in other heads and tiles, so
 * that a kernel cannot compute only the part that has changed. `names` are the tensors that change.
 */
export function pokes(
  problem: JudgedProblem,
  seed: number,
  sites: number,
  names: readonly PokedName[] = QKV,
): Pokes {
  const times = isReduced(problem.dtype) ? inNumbers(formatOf(problem.dtype)) : product;
  const sizes = sizesIn(problem.dtype);
  const all = drawPokes(problem, randomStream(seed, PLACES), sites, names);
  const tensors = names.map((name) => tensorNamed(problem.inputs, name));
  const places = all.map((poke) => poke.sites.map((at) => Int32Array.from(at)));
  const saved = tensors.map(() => new Float32Array(sites));
  /** Every other change leaves q as it was: anything cached by q alone is then wrong as well. */
  const firstOf = (change: number) => (names[0] === "q" ? change % 2 : 0);
  let index = -1;
  let following = 0;
  let turn = 0;
  let left = 0;
  let size = 0;
  const undo = (): void => {
    if (index < 0) return;
    for (let tensor = firstOf(index); tensor < tensors.length; tensor++) {
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
      for (let tensor = firstOf(index); tensor < tensors.length; tensor++) {
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

/** How a tensor that changes lies in memory: what a gradient is taken along lies as the output does. */
function layoutFor(shape: Shape, name: PokedName): Layout {
  return layoutOf(shape, name === DOUT ? "output" : name);
}

/**
 * A query, a key that it attends, and some more rows that attend it: what stands there is what these rows
 * were computed from.
 */
function drawPokes(
  problem: JudgedProblem,
  random: RandomStream,
  sites: number,
  names: readonly PokedName[],
): Poke[] {
  const { shape, inputs } = problem;
  const { batch, heads, length, queries } = shape;
  const read = reads(problem);
  const isOfQueries = (name: PokedName): boolean => name === "q" || name === DOUT;
  /** Where the largest element of a row is, by the head of q that reads it. */
  const largest = (name: PokedName, entry: number, head: number, row: number) => {
    const layout = layoutFor(shape, name);
    const own = isOfQueries(name) ? head : kvHeadOf(shape, head);
    return largestAt(tensorNamed(inputs, name), offsetIn(layout, entry, own, row), layout.width);
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
    const at = new Map(
      names.map((name) => [name, new Set([largest(name, entry, head, isOfQueries(name) ? row : key)])]),
    );
    // The same places of all if queries are the tokens; otherwise keys by themselves.
    const together = isSelfAttention(shape)
      ? [names]
      : [names.filter(isOfQueries), names.filter((name) => !isOfQueries(name))];
    for (const some of together.filter(({ length: many }) => many > 0)) {
      const rowsIn = some.some(isOfQueries) ? queries : length;
      const tiles = Math.ceil(rowsIn / TILE);
      const areas = batch * heads * tiles;
      const first = random.below(areas);
      for (let site = 1; site < Math.min(sites, areas); site++) {
        const area = (first + Math.floor((site * areas) / Math.min(sites, areas))) % areas;
        const slice = Math.floor(area / tiles);
        const tile = (area % tiles) * TILE;
        const token = tile + random.below(Math.min(TILE, rowsIn - tile));
        for (const name of some) {
          at.get(name)?.add(largest(name, Math.floor(slice / heads), slice % heads, token));
        }
      }
    }
    return {
      rows: shownRows(problem, { entry, head, rows: [...rows], key }),
      sites: names.map((name) => [...(at.get(name) ?? [])]),
    };
  });
}

/** The rows of a call's tensors that were computed from what stands in some rows of q and a key that they attend. */
function shownRows(
  problem: JudgedProblem,
  drawn: {
    readonly entry: number;
    readonly head: number;
    readonly rows: readonly number[];
    readonly key: number;
  },
): readonly RowPlace[] {
  const { entry, head, rows, key } = drawn;
  const ofQueries = rows.map((row) => ({ batch: entry, head, row }));
  if (problem.kind.outputs === undefined) return ofQueries;
  const ofKey = { batch: entry, head: kvHeadOf(problem.shape, head), row: key };
  const names = new Set(outputsOf(problem).map(({ name }) => name));
  return [
    ...[OUT, gradientName("q")].flatMap((tensor) => ofQueries.map((place) => ({ tensor, ...place }))),
    ...["k", "v"].map((input) => ({ tensor: gradientName(input), ...ofKey })),
  ].filter(({ tensor }) => names.has(tensor));
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
