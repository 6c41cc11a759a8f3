import { Call } from "./call";
import { COLUMNS, PANEL_KEYS, QUERY_ROW } from "./generated/layout";
import { Lane } from "./lane";
import { copyListed } from "./pack";
import { countFloats, countProducts } from "./select-count";
import { runTile } from "./tile";

/** Tiles of rows whose keys are known only once they are chosen: what the tile kernel has in schedules is made here as it is needed. */

/** Copies the queries of `rows` entries of a list from `start` on into the lane. */
export function fetchQueries(call: usize, lane: usize, list: usize, start: i32, rows: i32): void {
  copyListed(list, start, rows, Call.q(call), <usize>Call.d(call) << 2, Lane.queries(lane), QUERY_ROW);
  countFloats(lane, rows * Call.d(call));
}

/** Says which keys `from … to-1` row r of a group attends. */
@inline
export function setSpan(lane: usize, r: i32, from: i32, to: i32): void {
  const at = Lane.rowSpans(lane) + (<usize>r << 3);
  store<i32>(at, from, 0);
  store<i32>(at, to, 4);
}
@inline
function spanFrom(lane: usize, r: i32): i32 { return load<i32>(Lane.rowSpans(lane) + (<usize>r << 3), 0); }
@inline
function spanTo(lane: usize, r: i32): i32 { return load<i32>(Lane.rowSpans(lane) + (<usize>r << 3), 4); }

/**
 * The rows in the lane against the keys of their spans, which are packed at `keys`; `empty` says that rows have no output yet. Returns
 * whether they still have none.
 */
export function attendSpans(call: usize, lane: usize, keys: usize, values: usize, rows: i32, empty: bool): bool {
  let first = i32.MAX_VALUE, last = 0;
  // Keys that all rows attend.
  let from = 0, to = i32.MAX_VALUE;
  for (let r = 0; r < rows; r++) {
    const start = spanFrom(lane, r), end = spanTo(lane, r);
    from = max(from, start);
    to = min(to, end);
    if (start >= end) continue;
    first = min(first, start);
    last = max(last, end);
  }
  for (let key = first; key < last; ) {
    const next = min(last, key - key % PANEL_KEYS + COLUMNS);
    const spans = from <= key && next <= to ? 0 : spansWithin(lane, rows, key, next);
    attendTile(call, lane, keys, values, rows, key, next, spans, empty);
    empty = false;
    key = next;
  }
  return empty;
}

/** The spans of a tile of keys `first … last-1`, as tiles have them. */
function spansWithin(lane: usize, rows: i32, first: i32, last: i32): usize {
  const spans = Lane.tileSpans(lane);
  for (let r = 0; r < rows; r++) {
    const start = max(spanFrom(lane, r), first) - first;
    const end = min(spanTo(lane, r), last) - first;
    const at = spans + (<usize>r << 2);
    store<u16>(at, start < end ? <u16>start : 0, 0);
    store<u16>(at, start < end ? <u16>end : 0, 2);
  }
  return spans;
}

/** The rows in the lane against all of keys `first … last-1`. */
export function attendAll(call: usize, lane: usize, rows: i32, first: i32, last: i32): void {
  for (let key = first; key < last; ) {
    const next = min(last, key - key % PANEL_KEYS + COLUMNS);
    attendTile(call, lane, Call.keys(call), Call.v(call), rows, key, next, 0, false);
    key = next;
  }
}

@inline
function attendTile(call: usize, lane: usize, keys: usize, values: usize, rows: i32, first: i32, next: i32, spans: usize, empty: bool): void {
  runTile(call, lane, keys, values, rows, first, next, spans, 0, 0, empty, 0);
  const scored = (next - 1) / PANEL_KEYS * PANEL_KEYS + PANEL_KEYS - first / PANEL_KEYS * PANEL_KEYS;
  countProducts(lane, rows, scored * Call.d(call) + (next - first) * Call.width(call));
  countFloats(lane, (next - first) * Call.valueDim(call));
}
