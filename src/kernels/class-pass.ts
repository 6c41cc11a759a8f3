import type { BoundPattern, Intervals, TokenClass } from "../core/pattern.ts";
import { intersect, subtract, unite } from "../pattern/intervals.ts";
import { ClassKeys } from "./class-keys.ts";
import { cutRows, type RowGroup } from "./cut-rows.ts";
import { mostKeys, writeGroup } from "./group-tiles.ts";
import { IN_ORDER, type TileSizes } from "./schedule.ts";
import type { ScheduleWriter } from "./schedule-writer.ts";

/**
 * The most rows of a task: a kernel packs the keys of a class again for every so many rows, so that threads may
 * share a class. A multiple of what kernels compute at once.
 */
const STRETCH = 960;

/**
 * One of the orders in which pairs of `runs` are dense, without what the orders before it did. Rows and keys go
 * by their places in the lists of a class.
 */
export function classPass(
  pattern: BoundPattern,
  index: number,
  tile: TileSizes,
  writer: ScheduleWriter,
): void {
  const orders = pattern.gathered?.orders ?? [];
  const done = index > 0 ? new ClassKeys(pattern, orders.slice(0, index)) : null;
  for (const one of orders[index].classes()) {
    const members = membersOf(pattern, one, done);
    const keyList = writer.list(one.keys);
    const { first, list } = inOrder(one.queries)
      ? { first: one.queries[0], list: IN_ORDER }
      : { first: 0, list: one.queries === one.keys ? keyList : writer.list(one.queries) };
    const { queries, reach } = one;
    const groups =
      reach === undefined
        ? cutRows(members, tile.queries, tile.rows)
        : cutByReach(queries.length, reach, tile);
    for (const { from, to, full, partial } of groups) {
      for (let start = from; start < to; start += STRETCH) {
        const count = Math.min(STRETCH, to - start);
        const group = { full, partial, list: keyList, row: (row: number) => members.row(start + row) };
        writeGroup(writer, { first: first + start, list, count }, group, tile);
      }
    }
  }
}

/** Cuts rows that lie along their keys into groups whose keys fit into one tile, if any do. */
function cutByReach(
  rows: number,
  reach: (from: number, to: number) => Intervals,
  tile: TileSizes,
): RowGroup[] {
  const groups: RowGroup[] = [];
  const { rows: unit = 1 } = tile;
  for (let from = 0; from < rows; ) {
    const most = Math.min(from + tile.queries, rows);
    const fits = (end: number): boolean => {
      const keys = reach(from, end);
      return keys.length === 0 || keys[keys.length - 1] - keys[0] <= mostKeys(keys[0], tile);
    };
    let to = most;
    while (to - from > unit && !fits(to)) to -= (to - from) % unit || unit;
    if (!fits(to)) to = most;
    groups.push({ from, to, full: [], partial: reach(from, to) });
    from = to;
  }
  return groups;
}

/** Whether these are all the rows from the first to the last. */
function inOrder(rows: ArrayLike<number>): boolean {
  const { length } = rows;
  return length > 0 && rows[length - 1] - rows[0] + 1 === length;
}

/** What is to be done in a class, in places of its lists. */
function membersOf(pattern: BoundPattern, { queries, keys }: TokenClass, done: ClassKeys | null) {
  const rows: Intervals[] = [];
  const row = (at: number): Intervals => {
    const query = queries[at];
    const runs = pattern.runs(query);
    return placesOf(done === null ? runs : subtract(runs, done.ofEvery(query, query + 1)), keys);
  };
  const count = queries.length;
  if (!inOrder(queries)) {
    const known = (at: number): Intervals => {
      rows[at] ??= row(at);
      return rows[at];
    };
    const of = (from: number, to: number, join: (a: Intervals, b: Intervals) => Intervals): Intervals => {
      let joined = known(from);
      for (let at = from + 1; at < to; at++) joined = join(joined, known(at));
      return joined;
    };
    return {
      rows: count,
      row: known,
      open: (from: number, to: number) => of(from, to, unite),
      full: (from: number, to: number) => of(from, to, intersect),
    };
  }
  const first = queries[0];
  return {
    rows: count,
    row,
    open(from: number, to: number): Intervals {
      const some = pattern.someRuns(first + from, first + to);
      return placesOf(done === null ? some : subtract(some, done.ofEvery(first + from, first + to)), keys);
    },
    full(from: number, to: number): Intervals {
      const every = pattern.everyRuns(first + from, first + to);
      return placesOf(done === null ? every : subtract(every, done.ofSome(first + from, first + to)), keys);
    },
  };
}

/** The places in a rising list of those that lie in the ranges. */
function placesOf(ranges: Intervals, list: ArrayLike<number>): Intervals {
  const places: number[] = [];
  let from = 0;
  for (let at = 0; at < ranges.length && from < list.length; at += 2) {
    from = firstFrom(list, ranges[at], from);
    const to = firstFrom(list, ranges[at + 1], from);
    if (from === to) continue;
    if (places.at(-1) === from) places[places.length - 1] = to;
    else places.push(from, to);
    from = to;
  }
  return places;
}

/** The place of the first number of a rising list that is at least `least`, from place `from` on. */
function firstFrom(list: ArrayLike<number>, least: number, from: number): number {
  // Steps that double: what is sought is mostly near.
  let low = from;
  let step = 1;
  while (low + step <= list.length && list[low + step - 1] < least) {
    low += step;
    step *= 2;
  }
  let high = Math.min(list.length, low + step);
  while (low < high) {
    const middle = low + ((high - low) >> 1);
    if (list[middle] < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
