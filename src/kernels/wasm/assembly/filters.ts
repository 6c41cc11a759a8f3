import { Call } from "./call";
import {
  FILTER_BYTES, FILTER_output, FILTER_outputs, FILTER_tap, FILTER_taps, FILTER_token, FILTER_tokens, PANEL_KEYS, PANEL_QUERIES, QUERY_ROW,
} from "./generated/layout";
import { moreWindowTile, windowTile } from "./generated/micro";
import { Lane } from "./lane";
import { copyRow } from "./pack";

/**
 * A convolution by fewer products (Winograd 1980, Arithmetic Complexity of Computations, chapter 2): two rows of 2·T taps are three
 * convolutions of T taps and not four, of sums of taps and differences of tokens, and so on within each. `filters.ts` of the
 * host says which; d is a multiple of a panel.
 */

/** One panel of columns of all filters. What is too large to be added up is found here. */
export function packFilters(call: usize, panel: i32): void {
  const d = Call.valueDim(call);
  const phases = Call.phases(call);
  const taps = Call.taps(call) / phases;
  const matrix: usize = <usize>(d * d) << 2;
  const panelBytes: usize = <usize>(taps * d * PANEL_KEYS) << 2;
  const panels = d / PANEL_KEYS;
  for (let f = 0; f < Call.filterCount(call); f++) {
    const filter = filterAt(call, f);
    const to = Call.filtersPacked(call) + <usize>(f * panels + panel) * panelBytes;
    for (let t = 0; t < taps; t++) {
      const first = Call.weights(call) + <usize>(t * phases) * matrix + (<usize>(panel * PANEL_KEYS) << 2);
      addTaps(filter, first, matrix, d, to + <usize>(t * d * PANEL_KEYS << 2));
    }
    if (!allModerate(to, taps * d * PANEL_KEYS)) Call.clearFinite(call);
  }
}

/** The sum of the taps of a filter, in the columns of one panel. */
function addTaps(filter: usize, first: usize, matrix: usize, d: i32, to: usize): void {
  const count = load<i32>(filter, FILTER_taps);
  const step: usize = <usize>d << 2;
  for (let k = 0; k < count; k++) {
    let from = first + <usize>load<i32>(filter + (<usize>k << 2), FILTER_tap) * matrix;
    let row = to;
    for (let i = 0; i < d; i++) {
      if (k == 0) copyRow(from, PANEL_KEYS << 2, row);
      else {
        for (let c: usize = 0; c < <usize>(PANEL_KEYS << 2); c += 32) {
          v128.store(row + c, f32x4.add(v128.load(row + c, 0), v128.load(from + c, 0)), 0);
          v128.store(row + c, f32x4.add(v128.load(row + c, 16), v128.load(from + c, 16)), 16);
        }
      }
      from += step;
      row += PANEL_KEYS << 2;
    }
  }
}

/**
 * `units · phases` rows from `first` on, `units` being a multiple of 6 and at most a tile. False, and nothing is written, if a
 * value is too large or no number: differences of infinities are not numbers.
 */
export function convolveByFilters(call: usize, lane: usize, first: i32, units: i32): bool {
  const d = Call.valueDim(call);
  const bytes: usize = <usize>d << 2;
  const phases = Call.phases(call);
  const taps = Call.taps(call) / phases;
  const tokens = units * phases + Call.taps(call) - 1;
  const values = tokensOf(call, lane, first - Call.tapsBefore(call), tokens);
  if (!allModerate(values, tokens * d)) return false;
  const out = Call.out(call) + <usize>first * bytes;
  const outStep: usize = <usize>phases * bytes;
  const filterBytes: usize = <usize>(taps * d * d) << 2;
  let packed = Call.filtersPacked(call);
  for (let f = 0; f < Call.filterCount(call); f++) {
    const filter = filterAt(call, f);
    differences(filter, values, <usize>phases * bytes, bytes, units + taps - 1, Lane.queries(lane));
    const outputs = load<i32>(filter, FILTER_outputs);
    const target = out + outputOf(filter, 0) * bytes;
    if (f == 0) {
      // The first is part of every row.
      products(lane, packed, units, taps, d, target, outStep, true);
      for (let k = 1; k < outputs; k++) copyRows(target, out + outputOf(filter, k) * bytes, units, outStep, bytes);
    } else if (outputs == 1) products(lane, packed, units, taps, d, target, outStep, false);
    else {
      products(lane, packed, units, taps, d, Lane.output(lane), bytes, true);
      for (let k = 0; k < outputs; k++) addRows(Lane.output(lane), out + outputOf(filter, k) * bytes, units, outStep, bytes);
    }
    packed += filterBytes;
  }
  return true;
}

@inline
function filterAt(call: usize, f: i32): usize {
  return Call.filters(call) + <usize>f * FILTER_BYTES;
}

@inline
function outputOf(filter: usize, k: i32): usize {
  return <usize>load<i32>(filter + (<usize>k << 2), FILTER_output);
}

/** Where the values of some tokens are: in place, or copied with zeros outside the sequence. */
function tokensOf(call: usize, lane: usize, first: i32, count: i32): usize {
  const bytes: usize = <usize>Call.valueDim(call) << 2;
  const length = Call.length(call);
  if (first >= 0 && first + count <= length) return Call.v(call) + <usize>first * bytes;
  let to = Lane.spare(lane);
  for (let token = first; token < first + count; token++) {
    if (token < 0 || token >= length) memory.fill(to, 0, bytes);
    else copyRow(Call.v(call) + <usize>token * bytes, bytes, to);
    to += bytes;
  }
  return Lane.spare(lane);
}

/** What a filter is applied to, rows `QUERY_ROW` bytes apart: a token, `a - c`, or `a + b - c - e`, `step` bytes apart. */
function differences(filter: usize, values: usize, step: usize, bytes: usize, count: i32, to: usize): void {
  const terms = load<i32>(filter, FILTER_tokens);
  let a = values + <usize>load<i32>(filter, FILTER_token) * bytes;
  let b = values + <usize>load<i32>(filter, FILTER_token + 4) * bytes;
  let c = values + <usize>load<i32>(filter, FILTER_token + 8) * bytes;
  let e = values + <usize>load<i32>(filter, FILTER_token + 12) * bytes;
  for (let r = 0; r < count; r++) {
    if (terms == 1) copyRow(a, bytes, to);
    else if (terms == 2) {
      for (let i: usize = 0; i < bytes; i += 32) {
        v128.store(to + i, f32x4.sub(v128.load(a + i, 0), v128.load(b + i, 0)), 0);
        v128.store(to + i, f32x4.sub(v128.load(a + i, 16), v128.load(b + i, 16)), 16);
      }
    } else {
      for (let i: usize = 0; i < bytes; i += 32) {
        const x = f32x4.sub(v128.load(a + i, 0), v128.load(c + i, 0));
        const y = f32x4.sub(v128.load(a + i, 16), v128.load(c + i, 16));
        const z = f32x4.sub(v128.load(b + i, 0), v128.load(e + i, 0));
        const w = f32x4.sub(v128.load(b + i, 16), v128.load(e + i, 16));
        v128.store(to + i, f32x4.add(x, z), 0);
        v128.store(to + i, f32x4.add(y, w), 16);
      }
    }
    a += step;
    b += step;
    c += step;
    e += step;
    to += QUERY_ROW;
  }
}

/** The rows of queries in the lane times a packed filter: written, or added. */
function products(lane: usize, packed: usize, units: i32, taps: i32, d: i32, to: usize, toStep: usize, writes: bool): void {
  const panelBytes: usize = <usize>(taps * d * PANEL_KEYS) << 2;
  for (let c: usize = 0; c < <usize>d << 2; c += PANEL_KEYS << 2) {
    for (let r = 0; r < units; r += PANEL_QUERIES) {
      const tokens = Lane.queries(lane) + <usize>r * QUERY_ROW;
      const tile = to + <usize>r * toStep + c;
      if (writes) windowTile(PANEL_QUERIES, tokens, packed, PANEL_KEYS << 2, tile, toStep, d, taps);
      else moreWindowTile(PANEL_QUERIES, tokens, packed, PANEL_KEYS << 2, tile, toStep, d, taps);
    }
    packed += panelBytes;
  }
}

function copyRows(from: usize, to: usize, count: i32, step: usize, bytes: usize): void {
  for (let r = 0; r < count; r++) {
    copyRow(from, bytes, to);
    from += step;
    to += step;
  }
}

/** Adds rows side by side to rows `step` bytes apart. */
function addRows(from: usize, to: usize, count: i32, step: usize, bytes: usize): void {
  for (let r = 0; r < count; r++) {
    for (let i: usize = 0; i < bytes; i += 32) {
      v128.store(to + i, f32x4.add(v128.load(to + i, 0), v128.load(from + i, 0)), 0);
      v128.store(to + i, f32x4.add(v128.load(to + i, 16), v128.load(from + i, 16)), 16);
    }
    from += bytes;
    to += step;
  }
}

/** Whether `count` numbers, a multiple of 8, are finite, and eight times as large as well: 0 times anything else is NaN. */
function allModerate(p: usize, count: i32): bool {
  const zero = f32x4.splat(0);
  const eight = f32x4.splat(8);
  let a = zero, b = zero;
  for (let i = 0; i < count; i += 8) {
    a = f32x4.add(a, f32x4.mul(f32x4.mul(v128.load(p, 0), eight), zero));
    b = f32x4.add(b, f32x4.mul(f32x4.mul(v128.load(p, 16), eight), zero));
    p += 32;
  }
  const sums = f32x4.add(a, b);
  return f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1) + f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3) == 0;
}
