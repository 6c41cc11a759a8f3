import { type Intervals, measure } from "../core/pattern.ts";
import { sameIntervals, subtract } from "../pattern/intervals.ts";
import { splitRows } from "./split-rows.ts";

/** What ranges of rows attend in one pass, in the pass's own numbering of rows and keys. */
export interface RowKeys {
  readonly rows: number;
  /** Keys that some row of `from … to-1` may attend. */
  open(from: number, to: number): Intervals;
  /** Keys that every one of these rows attends; a subset of those that some may attend. */
  full(from: number, to: number): Intervals;
}

/** Rows `from … to-1`, the keys that all of them attend, and those that only some may. */
export interface RowGroup {
  readonly from: number;
  readonly to: number;
  readonly full: Intervals;
  readonly partial: Intervals;
}

/**
 * Fewer rows that attend the same keys do not form a group: a kernel would compute more rows than that at
 * once.
 */
const LEAST_UNIFORM = 8;

/**
 * Cuts rows into groups: rows that all attend the same keys into one, however many there are, and others into
 * groups of at most `most`. `unit` rows are computed together.
 */
export function cutRows(keys: RowKeys, most: number, unit = 1): RowGroup[] {
  const groups: RowGroup[] = [];
  for (let from = 0; from < keys.rows; ) {
    const end = uniformEnd(keys, from, most, Math.max(LEAST_UNIFORM, unit));
    if (end > from) {
      groups.push({ from, to: end, full: keys.full(from, end), partial: [] });
      from = end;
      continue;
    }
    const to = Math.min(from + most, keys.rows);
    for (const [low, high] of splitRows(from, to, (a, b) => widthOf(keys.open(a, b)), unit)) {
      const full = keys.full(low, high);
      groups.push({ from: low, to: high, full, partial: subtract(keys.open(low, high), full) });
    }
    from = to;
  }
  return groups;
}

/**
 * What a further range of keys costs a group besides its keys, in keys: it begins and ends within the columns
 * that a kernel computes at once. Rows whose keys lie in many short ranges would otherwise end up alone.
 */
export const RANGE_COST = 16;

/** Keys that a group's tiles span, and what it costs that they are in several ranges. */
export function widthOf(open: Intervals): number {
  return measure(open) + RANGE_COST * Math.max(0, open.length / 2 - 1);
}

/** Where rows from `from` on stop attending the same keys; `from` itself if they do so too soon. */
function uniformEnd(keys: RowKeys, from: number, most: number, least: number): number {
  const uniform = (to: number): boolean => sameIntervals(keys.open(from, to), keys.full(from, to));
  let good = Math.min(from + most, keys.rows);
  let bad = good;
  if (uniform(good)) {
    while (good === bad && good < keys.rows) {
      bad = Math.min(from + 2 * (good - from), keys.rows);
      if (uniform(bad)) good = bad;
    }
  } else {
    good = from + least;
    if (good >= bad || !uniform(good)) return from;
  }
  while (bad - good > 1) {
    const middle = good + ((bad - good) >> 1);
    if (uniform(middle)) good = middle;
    else bad = middle;
  }
  return good;
}
