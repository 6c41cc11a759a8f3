import { expect } from "vitest";
import type { KeyMask } from "../../src/core/call-settings.ts";
import type { Area, BoundPattern, Comb, Intervals } from "../../src/core/pattern.ts";

/**
 * The definitions of the primitives, written out once more as plain predicates over (query, key) so that nothing here
 * shares code with `src/pattern/`, and the checks that hold a bound pattern to such a predicate, pair by pair.
 */

/** Whether `key` is in `A(query)` of a sequence of `length` tokens. */
export type Definition = (query: number, key: number, length: number) => boolean;

export const inBand =
  (left: number, right: number): Definition =>
  (query, key) =>
    query - key <= left && key - query <= right;

export const inComb =
  (stride: number, reach: number): Definition =>
  (query, key) =>
    Math.abs(query - key) % stride === 0 && Math.abs(query - key) <= reach;

export const inGlobalTokens =
  (tokens: number): Definition =>
  (query, key) =>
    Math.min(query, key) < tokens;

export const inBlockBand =
  (block: number, window: number): Definition =>
  (query, key) =>
    Math.abs(Math.floor(query / block) - Math.floor(key / block)) <= Math.floor(window / 2);

export const inGlobalBlocks =
  (block: number, count: number): Definition =>
  (query, key, length) => {
    const lastBlock = Math.floor((length - 1) / block);
    return [query, key].some((token) => {
      const index = Math.floor(token / block);
      return index < count || lastBlock - index < count;
    });
  };

export const inFirstTokens =
  (tokens: number): Definition =>
  (_query, key) =>
    key < tokens;

export const inColumns =
  (block: number, count: number): Definition =>
  (_query, key) =>
    key % block >= block - count;

export const inPowersOfTwo: Definition = (query, key) =>
  [0, ...Array.from({ length: 32 }, (_, power) => 2 ** power)].includes(Math.abs(query - key));

/** One scale of LongNet in one head. */
export const inSegments =
  (size: number, stride: number, head: number): Definition =>
  (query, key) =>
    Math.floor(query / size) === Math.floor(key / size) &&
    [query, key].every((token) => ((token % size) - head) % stride === 0);

/** What each node of a graph names, and itself; nodes beyond the graph are alone. */
export const inEdges =
  (rows: ReadonlyArray<readonly number[]>): Definition =>
  (query, key) =>
    query === key || (rows[query]?.includes(key) ?? false);

export interface Windows {
  readonly width: number;
  readonly size: number;
  readonly dilation: number;
  readonly edge: "clamp" | "truncate";
}

/** Neighbourhood attention, pixel by pixel: clamped as NATTEN's reference has the start of a window. */
export const inWindows =
  ({ width, size, dilation, edge }: Windows): Definition =>
  (query, key, length) => {
    const along = (from: number, to: number, extent: number): boolean => {
      if (from % dilation !== to % dilation) return false;
      const half = (size - 1) / 2;
      if (edge === "truncate") return Math.abs(from - to) <= half * dilation;
      const at = Math.trunc(from / dilation);
      const of = Math.trunc((extent - 1 - (from % dilation)) / dilation) + 1;
      if (of <= size) return true;
      const start = Math.max(at - half, 0) + (at + half >= of ? of - at - half - 1 : 0);
      const place = Math.trunc(to / dilation);
      return start <= place && place < start + size;
    };
    const height = Math.ceil(length / width);
    return (
      along(Math.floor(query / width), Math.floor(key / width), height) &&
      along(query % width, key % width, width)
    );
  };

/**
 * Swin's published procedure, which needs divisible sizes, on an image padded to them: roll by the shift,
 * partition into windows, and within one attend only what was in the same region before the roll.
 */
export const inShiftedWindows =
  (width: number, window: number, shift: number): Definition =>
  (query, key, length) => {
    const cut = shift % window;
    const along = (from: number, to: number, extent: number): boolean => {
      const padded = Math.ceil((extent + 1) / window) * window;
      const rolled = (at: number) => (at - cut + padded) % padded;
      const region = (at: number) => (rolled(at) < padded - window ? 0 : rolled(at) < padded - cut ? 1 : 2);
      return (
        Math.floor(rolled(from) / window) === Math.floor(rolled(to) / window) && region(from) === region(to)
      );
    };
    return (
      along(Math.floor(query / width), Math.floor(key / width), Math.ceil(length / width)) &&
      along(query % width, key % width, width)
    );
  };

export const inAny =
  (parts: readonly Definition[]): Definition =>
  (query, key, length) =>
    parts.some((part) => part(query, key, length));

export const inPast =
  (part: Definition): Definition =>
  (query, key, length) =>
    key <= query && part(query, key, length);

export const inMask =
  (part: Definition, { left, right, from, to }: KeyMask): Definition =>
  (query, key, length) =>
    part(query, key, length) &&
    key >= from &&
    !(to !== null && key >= to) &&
    !(left !== null && query - key > left) &&
    !(right !== null && key - query > right);

/** The keys below `length` that `holds` keeps, in canonical intervals. */
export function scan(length: number, holds: (key: number) => boolean): Intervals {
  const ranges: number[] = [];
  for (let key = 0; key < length; key++) {
    if (!holds(key)) continue;
    if (ranges.at(-1) === key) ranges[ranges.length - 1] = key + 1;
    else ranges.push(key, key + 1);
  }
  return ranges;
}

/** The members of canonical intervals, one by one. */
export function members(ranges: Intervals): Set<number> {
  const all = new Set<number>();
  for (let at = 0; at < ranges.length; at += 2) {
    for (let key = ranges[at]; key < ranges[at + 1]; key++) all.add(key);
  }
  return all;
}

/** Sorted, disjoint, none empty, none touching the next, all within `[0, length)`. */
function isCanonical(ranges: Intervals, length: number): boolean {
  return (
    ranges.length % 2 === 0 &&
    ranges.every((edge, at) => Number.isInteger(edge) && edge > (at === 0 ? -1 : ranges[at - 1])) &&
    (ranges.at(-1) ?? 0) <= length
  );
}

/** Holds membership, intervals and the pair count to the definition, row by row. */
export function expectDefinition(bound: BoundPattern, definition: Definition): void {
  let pairs = 0;
  for (let query = 0; query < bound.length; query++) {
    const defined = scan(bound.length, (key) => definition(query, key, bound.length));
    const attended = scan(bound.length, (key) => bound.attends(query, key));
    const listed = bound.intervals(query);
    for (let at = 0; at < defined.length; at += 2) pairs += defined[at + 1] - defined[at];
    // Compared as text first: an assertion a row is what a property cannot afford.
    if (String(attended) !== String(defined) || String(listed) !== String(defined)) {
      expect({ query, attended, listed }).toEqual({ query, attended: defined, listed: defined });
    }
  }
  expect(bound.pairs()).toBe(pairs);
}

/** Holds `repeats` to the runs, pair by pair; returns what it said, or null where the area moved is not in the sequence. */
export function expectRepeats(bound: BoundPattern, area: Area, by: number): boolean | null {
  const { rowFrom, rowTo, keyFrom, keyTo } = area;
  const inside = [rowFrom, keyFrom, rowTo - 1, keyTo - 1].every(
    (at) => at + by >= 0 && at + by < bound.length,
  );
  if (!inside) return null;
  if (bound.repeats?.(area, by) !== true) return false;
  for (let query = rowFrom; query < rowTo; query++) {
    const here = members(bound.runs(query));
    const there = members(bound.runs(query + by));
    for (let key = keyFrom; key < keyTo; key++) {
      if (here.has(key) !== there.has(key + by)) expect({ query, key, by, area }).toBe("repeated");
    }
  }
  return true;
}

/** Holds `runs` and `combs` to the whole rows, and the summaries of the rows `[from, to)` to each of them. */
export function expectParts(bound: BoundPattern, from: number, to: number): void {
  const { length } = bound;
  for (const { stride } of bound.combs) expect(stride).toBeGreaterThanOrEqual(2);
  const some = bound.someRuns(from, to);
  const every = bound.everyRuns(from, to);
  expect({ some, canonical: isCanonical(some, length) }).toEqual({ some, canonical: true });
  expect({ every, canonical: isCanonical(every, length) }).toEqual({ every, canonical: true });
  const someKeys = members(some);
  const everyKeys = members(every);
  for (let query = from; query < to; query++) {
    const runs = bound.runs(query);
    const keys = members(runs);
    const whole = scan(
      length,
      (key) => keys.has(key) || bound.combs.some((comb) => hasTooth(comb, query, key)),
    );
    const told = {
      query,
      runsAreCanonical: isCanonical(runs, length),
      runsAndCombs: whole,
      missingFromSome: [...keys].filter((key) => !someKeys.has(key)),
      missingFromRow: [...everyKeys].filter((key) => !keys.has(key)),
    };
    const right = {
      query,
      runsAreCanonical: true,
      runsAndCombs: bound.intervals(query),
      missingFromSome: [],
      missingFromRow: [],
    };
    if (JSON.stringify(told) !== JSON.stringify(right)) expect(told).toEqual(right);
  }
}

function hasTooth({ stride, left, right, from, to }: Comb, query: number, key: number): boolean {
  if ((from !== undefined && key < from) || (to !== undefined && key >= to)) return false;
  return Math.abs(query - key) % stride === 0 && query - left <= key && key <= query + right;
}
