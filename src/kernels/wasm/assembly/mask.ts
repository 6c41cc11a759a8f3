import { PANEL_QUERIES, SCORE_ROW } from "./generated/layout";
import { multiplyAdd } from "./generated/micro";
import { Lane } from "./lane";
import { LEAST } from "./weigh";

/** A row's span in a partial tile: the first key it attends there, and the one after the last. */
@inline
export function spanStart(spans: usize, row: i32): i32 { return load<u16>(spans + (<usize>row << 2), 0); }
@inline
export function spanEnd(spans: usize, row: i32): i32 { return load<u16>(spans + (<usize>row << 2), 2); }

/** The columns of a panel of queries that any of its rows attends, `panelStart … panelEnd-1`. */
@inline
export function panelStart(lane: usize, panel: i32): i32 { return load<i32>(Lane.spans(lane) + (<usize>panel << 3), 0); }
@inline
export function panelEnd(lane: usize, panel: i32): i32 { return load<i32>(Lane.spans(lane) + (<usize>panel << 3), 4); }

/** Finds the columns of every panel of queries, of a tile whose keys are columns `low … high-1`. `spans` is 0 if all are attended. */
export function findPanelSpans(lane: usize, spans: usize, rows: i32, low: i32, high: i32): void {
  const to = Lane.spans(lane);
  for (let first = 0, panel: usize = 0; first < rows; first += PANEL_QUERIES, panel++) {
    let start = low;
    let end = high;
    if (spans != 0) {
      start = high;
      end = low;
      for (let r = first; r < min(rows, first + PANEL_QUERIES); r++) {
        if (spanStart(spans, r) >= spanEnd(spans, r)) continue;
        start = min(start, low + spanStart(spans, r));
        end = max(end, low + spanEnd(spans, r));
      }
    }
    store<i32>(to + (panel << 3), start, 0);
    store<i32>(to + (panel << 3), end, 4);
  }
}

/**
 * Leaves the scores of attended keys alone in columns `from … to-1` of a panel of queries, and says in the lane's floors
 * which rows attend any: a row that attends none keeps its state.
 */
export function maskPanel(
  lane: usize, scores: usize, first: i32, rows: i32, low: i32, from: i32, to: i32, spans: usize, bits: usize, bitsRow: usize,
): void {
  for (let r = 0; r < PANEL_QUERIES; r++) {
    const row = first + r;
    const start = row < rows ? spanStart(spans, row) : 0;
    const end = row < rows ? spanEnd(spans, row) : 0;
    const floor = Lane.floors(lane) + (<usize>r << 2);
    const line = scores + <usize>r * SCORE_ROW;
    if (start >= end) {
      store<f32>(floor, -Infinity);
      clearColumns(line, from, to);
      continue;
    }
    store<f32>(floor, LEAST);
    clearColumns(line, from, low + start);
    clearColumns(line, low + end, to);
    if (bits == 0) continue;
    maskByBits(line + (<usize>low << 2), bits + <usize>row * bitsRow, start, end);
  }
}

/** Sets the scores of keys `start … end-1` whose bit is not set to -∞; those of keys before them, too, up to three. */
function maskByBits(scores: usize, bits: usize, start: i32, end: i32): void {
  const least = f32x4.splat(-Infinity);
  let key = start & ~3;
  for (; key + 4 <= end; key += 4) {
    const four = i32x4.splat(<i32>load<u8>(bits + (<usize>key >> 3)) >> (key & 4));
    const clear = i32x4.eq(v128.and(four, i32x4(1, 2, 4, 8)), i32x4.splat(0));
    const at = scores + (<usize>key << 2);
    v128.store(at, v128.bitselect(least, v128.load(at), clear));
  }
  for (; key < end; key++) if (!isSet(bits, key)) store<f32>(scores + (<usize>key << 2), -Infinity);
}

/** The same where every row attends columns `low … high-1`. */
export function clearPanelEdges(scores: usize, low: i32, high: i32, from: i32, to: i32): void {
  for (let r = 0; r < PANEL_QUERIES; r++) {
    clearColumns(scores + <usize>r * SCORE_ROW, from, low);
    clearColumns(scores + <usize>r * SCORE_ROW, high, to);
  }
}

/** Sets the scores of columns `from … to-1` to -∞, so that their weights are 0. */
function clearColumns(scores: usize, from: i32, to: i32): void {
  const least = f32x4.splat(-Infinity);
  let c = from;
  for (; c + 4 <= to; c += 4) v128.store(scores + (<usize>c << 2), least);
  for (; c < to; c++) store<f32>(scores + (<usize>c << 2), -Infinity);
}

@inline
export function isSet(bits: usize, key: i32): bool {
  return ((load<u32>(bits + (<usize>(key >> 5) << 2)) >> (key & 31)) & 1) != 0;
}

/**
 * Adds weighted values of keys `from … to-1` to one row, those alone whose bit is set where there are bits, in the
 * micro-kernel's order and rounding: where a value is not finite, even weight 0 would spread it to rows that do not
 * attend it.
 */
export function addAttendedValues(
  weights: usize, bits: usize, from: i32, to: i32, values: usize, valueStep: usize, output: usize, rowBytes: usize,
): void {
  for (let i: usize = 0; i < rowBytes; i += 16) {
    let sum = v128.load(output + i);
    for (let key = from; key < to; key++) {
      if (bits != 0 && !isSet(bits, key)) continue;
      sum = multiplyAdd(v128.load32_splat(weights + (<usize>key << 2)), v128.load(values + <usize>key * valueStep + i), sum);
    }
    v128.store(output + i, sum);
  }
}
