import { Call } from "./call";
import { allFinite } from "./finite";
import {
  CENTRES_TOGETHER, COLUMNS, PANEL_KEYS, PANEL_QUERIES, QUERIES, QUERY_ROW, ROUTED_assigned, ROUTED_bitWords, ROUTED_centres,
  ROUTED_clusters, ROUTED_endCentre, ROUTED_factors, ROUTED_firstCentre, ROUTED_inverses, ROUTED_keyBits, ROUTED_keys, ROUTED_maxima,
  ROUTED_outputs, ROUTED_queries, ROUTED_round, ROUTED_segments, ROUTED_segmentTokens, ROUTED_slots, ROUTED_starts, ROUTED_sumBytes,
  ROUTED_sums, ROUTED_takerAt, ROUTED_takers, ROUTED_totals, ROUTED_units, ROUTED_window, SCORE_ROW,
} from "./generated/layout";
import { scoresTile } from "./generated/micro";
import { Lane } from "./lane";
import { takeLargest } from "./take-largest";
import { factorOf, lengthOf, packUnits } from "./unit-rows";

/**
 * Tokens that centres take: 32-bit words at `routed`, written by the host. Rows are the queries and then the keys of a head. Roy et
 * al. 2020, arXiv 2003.05997.
 */
export class Routed {
  /** The rows that centres begin at, as float32 numbers. */
  @inline static starts(routed: usize): usize { return load<u32>(routed, ROUTED_starts); }
  @inline static clusters(routed: usize): i32 { return load<i32>(routed, ROUTED_clusters); }
  @inline static window(routed: usize): i32 { return load<i32>(routed, ROUTED_window); }
  /** All rows brought to length 1, packed; those of keys begin with a panel. */
  @inline static units(routed: usize): usize { return load<u32>(routed, ROUTED_units); }
  /** What brings each row to length 1: in float64, 0 for a row of zeros, and in float32 for packing. */
  @inline static inverses(routed: usize): usize { return load<u32>(routed, ROUTED_inverses); }
  @inline static factors(routed: usize): usize { return load<u32>(routed, ROUTED_factors); }
  /** The centre of each row in each round, `[rounds, 2 · length]`, and the round under way. */
  @inline static assigned(routed: usize): usize { return load<u32>(routed, ROUTED_assigned); }
  @inline static round(routed: usize): i32 { return load<i32>(routed, ROUTED_round); }
  /** Centres, rows `QUERY_ROW` bytes apart. */
  @inline static centre(routed: usize, centre: i32): usize { return <usize>load<u32>(routed, ROUTED_centres) + <usize>centre * QUERY_ROW; }
  /** Sums of the rows of each centre, and before them how many they are: float64 `[clusters, 1 + d]` for each segment of rows. */
  @inline static sums(routed: usize, segment: i32): usize {
    return <usize>load<u32>(routed, ROUTED_sums) + <usize>segment * <usize>load<u32>(routed, ROUTED_sumBytes);
  }
  /** Segments of the queries, and of the keys as many more. */
  @inline static segments(routed: usize): i32 { return load<i32>(routed, ROUTED_segments); }
  @inline static segmentTokens(routed: usize): i32 { return load<i32>(routed, ROUTED_segmentTokens); }
  /** The tokens that each centre takes, rising, `[clusters, window]`. */
  @inline static queries(routed: usize): usize { return load<u32>(routed, ROUTED_queries); }
  @inline static keys(routed: usize): usize { return load<u32>(routed, ROUTED_keys); }
  /** Where the takers of each query begin, `[length + 1]`, which centres they are, rising, and the query's place among all that are taken. */
  @inline static takerAt(routed: usize): usize { return load<u32>(routed, ROUTED_takerAt); }
  @inline static takers(routed: usize): usize { return load<u32>(routed, ROUTED_takers); }
  @inline static slots(routed: usize): usize { return load<u32>(routed, ROUTED_slots); }
  /** A bit for each centre that takes a key, `[length, bitWords]`. */
  @inline static keyBits(routed: usize): usize { return load<u32>(routed, ROUTED_keyBits); }
  @inline static bitWords(routed: usize): i32 { return load<i32>(routed, ROUTED_bitWords); }
  /** The centres under way, and the state of each query that they take: maxima, sums, and unnormalised output `[taken, width]`. */
  @inline static firstCentre(routed: usize): i32 { return load<i32>(routed, ROUTED_firstCentre); }
  @inline static endCentre(routed: usize): i32 { return load<i32>(routed, ROUTED_endCentre); }
  @inline static maxima(routed: usize): usize { return load<u32>(routed, ROUTED_maxima); }
  @inline static totals(routed: usize): usize { return load<u32>(routed, ROUTED_totals); }
  @inline static outputs(routed: usize): usize { return load<u32>(routed, ROUTED_outputs); }
}

/** Where a row of queries or keys begins. */
@inline
function rowAt(call: usize, row: i32): usize {
  const bytes: usize = <usize>Call.d(call) << 2;
  const length = Call.length(call);
  return row < length ? Call.q(call) + <usize>row * bytes : Call.k(call) + <usize>(row - length) * bytes;
}

/** Packed rows of queries, and of keys. */
@inline
function unitsOf(call: usize, ofKeys: bool): usize {
  const length = Call.length(call);
  const padded = (length + PANEL_KEYS - 1) / PANEL_KEYS * PANEL_KEYS;
  return Routed.units(Call.routed(call)) + (ofKeys ? <usize>padded * (<usize>Call.d(call) << 2) : 0);
}

/** Lengths of tokens `from … to-1`, whose first begins a panel: their queries and keys packed, and whether their values are finite. */
export function measureTokens(call: usize, from: i32, to: i32): void {
  const routed = Call.routed(call);
  const d = Call.d(call);
  const length = Call.length(call);
  const valueDim = Call.valueDim(call);
  if (!allFinite(Call.v(call) + <usize>from * (<usize>valueDim << 2), (to - from) * valueDim)) Call.clearFinite(call);
  for (let side = 0; side < 2; side++) {
    const first = side * length + from;
    for (let row = first; row < first + to - from; row++) {
      const size = lengthOf(rowAt(call, row), d);
      store<f64>(Routed.inverses(routed) + (<usize>row << 3), size == 0 ? 0 : 1 / size);
      store<f32>(Routed.factors(routed) + (<usize>row << 2), factorOf(rowAt(call, row), d));
    }
    const to0 = unitsOf(call, side == 1) + <usize>from * (<usize>d << 2);
    packUnits(0, rowAt(call, first), to - from, d, Routed.factors(routed) + (<usize>first << 2), to0);
  }
}

/** Centres `from … to-1` at the rows that they begin at. */
export function beginCentres(call: usize, from: i32, to: i32): void {
  const routed = Call.routed(call);
  for (let centre = from; centre < to; centre++) {
    const drawn = load<f32>(Routed.starts(routed) + (<usize>centre << 2));
    const row = min(2 * Call.length(call) - 1, drawn > 0 ? <i32>drawn : 0);
    const inverse = load<f64>(Routed.inverses(routed) + (<usize>row << 3));
    for (let i: usize = 0; i < <usize>Call.d(call) << 2; i += 4) {
      store<f32>(Routed.centre(routed, centre) + i, <f32>(<f64>load<f32>(rowAt(call, row) + i) * inverse));
    }
  }
}

/** The nearest centre of each row of a segment, the first of those as near, and the sums of the rows of each centre. */
export function assignTokens(call: usize, lane: usize, segment: i32): void {
  const routed = Call.routed(call);
  const d = Call.d(call);
  const length = Call.length(call);
  const segments = Routed.segments(routed);
  const ofKeys = segment >= segments;
  const from = (ofKeys ? segment - segments : segment) * Routed.segmentTokens(routed);
  const to = min(length, from + Routed.segmentTokens(routed));
  const first = ofKeys ? length : 0;
  const assigned = Routed.assigned(routed) + (<usize>(Routed.round(routed) * 2 * length + first) << 2);
  for (let token = from; token < to; token += COLUMNS) {
    const count = min(COLUMNS, to - token);
    nearestCentres(call, lane, unitsOf(call, ofKeys) + <usize>token * (<usize>d << 2), count);
    memory.copy(assigned + (<usize>token << 2), Lane.shown(lane) + SCORE_ROW, <usize>count << 2);
  }
  addToSums(call, Routed.sums(routed, segment), assigned, first, from, to);
}

/**
 * Sums of the rows of each centre, of tokens `from … to-1` whose rows begin with `first`: those of the round before, and rows that
 * have gone elsewhere taken out of one and put into another. In float64 that loses nothing.
 */
function addToSums(call: usize, sums: usize, assigned: usize, first: i32, from: i32, to: i32): void {
  const routed = Call.routed(call);
  const d = Call.d(call);
  const sumBytes: usize = <usize>(1 + d) << 3;
  const begins = Routed.round(routed) == 0;
  const before = assigned - (<usize>(2 * Call.length(call)) << 2);
  if (begins) memory.fill(sums, 0, <usize>Routed.clusters(routed) * sumBytes);
  for (let token = from; token < to; token++) {
    const at: usize = <usize>token << 2;
    const own = load<u32>(assigned + at);
    const inverse = load<f64>(Routed.inverses(routed) + (<usize>(first + token) << 3));
    if (!begins) {
      const other = load<u32>(before + at);
      if (other == own) continue;
      addRow(rowAt(call, first + token), d, -1, -inverse, sums + <usize>other * sumBytes);
    }
    addRow(rowAt(call, first + token), d, 1, inverse, sums + <usize>own * sumBytes);
  }
}

/** Adds to a count, and a row times a factor to the sum behind it. */
@inline
function addRow(row: usize, d: i32, count: f64, factor: f64, to: usize): void {
  store<f64>(to, load<f64>(to) + count);
  to += 8;
  const f = f64x2.splat(factor);
  const even = d & ~1;
  for (const end = row + (<usize>even << 2); row < end; row += 8) {
    v128.store(to, f64x2.add(v128.load(to), f64x2.mul(f, f64x2.promote_low_f32x4(v128.load64_zero(row)))));
    to += 16;
  }
  if (even != d) store<f64>(to, load<f64>(to) + factor * <f64>load<f32>(row));
}

/** Of `count` packed rows the nearest centre of each, in the lane: the largest products, and whose they are. */
function nearestCentres(call: usize, lane: usize, rows: usize, count: i32): void {
  const routed = Call.routed(call);
  const d = Call.d(call);
  const clusters = Routed.clusters(routed);
  const best = Lane.shown(lane);
  for (let column: usize = 0; column < SCORE_ROW; column += 16) {
    v128.store(best + column, f32x4.splat(-Infinity));
    v128.store(best + SCORE_ROW + column, i32x4.splat(0));
  }
  const panelBytes: usize = <usize>(d * PANEL_KEYS) << 2;
  for (let centre = 0; centre < clusters; centre += QUERIES) {
    const some = min(QUERIES, clusters - centre);
    for (let column = 0, panel = rows; column < count; column += PANEL_KEYS, panel += panelBytes) {
      for (let r = 0; r < some; r += PANEL_QUERIES) {
        const scores = Lane.scores(lane) + <usize>r * SCORE_ROW + (<usize>column << 2);
        scoresTile(some - r, Routed.centre(routed, centre + r), panel, PANEL_KEYS << 2, scores, SCORE_ROW, d);
      }
    }
    for (let column: usize = 0; column < <usize>count << 2; column += 32) raiseNearest(lane, best + column, column, centre, some);
  }
}

/** Eight rows: the largest of their products so far, and whose. In pairs, which V8 fuses. */
@inline
function raiseNearest(lane: usize, best: usize, column: usize, centre: i32, count: i32): void {
  let h0 = v128.load(best), h1 = v128.load(best, 16);
  let n0 = v128.load(best + SCORE_ROW), n1 = v128.load(best + SCORE_ROW, 16);
  let scores = Lane.scores(lane) + column;
  for (let r = centre; r < centre + count; r++) {
    const s0 = v128.load(scores), s1 = v128.load(scores, 16);
    const a0 = f32x4.gt(s0, h0), a1 = f32x4.gt(s1, h1);
    const own = i32x4.splat(r);
    h0 = v128.bitselect(s0, h0, a0);
    h1 = v128.bitselect(s1, h1, a1);
    n0 = v128.bitselect(own, n0, a0);
    n1 = v128.bitselect(own, n1, a1);
    scores += SCORE_ROW;
  }
  v128.store(best, h0);
  v128.store(best, h1, 16);
  v128.store(best + SCORE_ROW, n0);
  v128.store(best + SCORE_ROW, n1, 16);
}

/** Moves centres `from … to-1` to where their rows point; one stays that has none, or whose rows sum to 0. */
export function moveCentres(call: usize, lane: usize, from: i32, to: i32): void {
  const total = Lane.spare(lane);
  const routed = Call.routed(call);
  const d = Call.d(call);
  const sumBytes: usize = <usize>(1 + d) << 3;
  for (let centre = from; centre < to; centre++) {
    const own: usize = <usize>centre * sumBytes;
    memory.fill(total, 0, sumBytes);
    for (let segment = 0; segment < 2 * Routed.segments(routed); segment++) {
      const sum = Routed.sums(routed, segment) + own;
      if (load<f64>(sum) == 0) continue;
      for (let i: usize = 0; i < sumBytes; i += 8) store<f64>(total + i, load<f64>(total + i) + load<f64>(sum + i));
    }
    let squares: f64 = 0;
    for (let i: usize = 8; i < sumBytes; i += 8) squares += load<f64>(total + i) * load<f64>(total + i);
    if (load<f64>(total) == 0 || squares == 0) continue;
    const size = Math.sqrt(squares);
    for (let i: usize = 0; i < <usize>d; i++) {
      store<f32>(Routed.centre(routed, centre) + (i << 2), <f32>(load<f64>(total + 8 + (i << 3)) / size));
    }
  }
}

/** The nearest tokens of centres `from … to-1`, at most `CENTRES_TOGETHER`: their queries, or with all centres added to them their keys. */
export function takeTokens(call: usize, lane: usize, from: i32, to: i32): void {
  const routed = Call.routed(call);
  const d = Call.d(call);
  const length = Call.length(call);
  const clusters = Routed.clusters(routed);
  const ofKeys = from >= clusters;
  const centre = ofKeys ? from - clusters : from;
  const panelBytes: usize = <usize>(d * PANEL_KEYS) << 2;
  const padded: usize = <usize>((length + PANEL_KEYS - 1) / PANEL_KEYS * PANEL_KEYS) << 2;
  let panel = unitsOf(call, ofKeys);
  for (let token: usize = 0; token < padded; token += PANEL_KEYS << 2, panel += panelBytes) {
    for (let r = 0; r < to - from; r += PANEL_QUERIES) {
      scoresTile(to - from - r, Routed.centre(routed, centre + r), panel, PANEL_KEYS << 2, Lane.rows(lane) + <usize>r * padded + token, padded, d);
    }
  }
  const window = Routed.window(routed);
  for (let r = 0; r < to - from; r++) {
    const taken = (ofKeys ? Routed.keys(routed) : Routed.queries(routed)) + (<usize>((centre + r) * window) << 2);
    takeLargest(Lane.rows(lane) + <usize>r * padded, length, window, Lane.otherRows(lane), Lane.spare(lane), taken);
  }
}

/** Which centres took each query, and each key. */
export function turnAround(call: usize): void {
  const routed = Call.routed(call);
  const length = Call.length(call);
  const window = Routed.window(routed);
  const taken = Routed.clusters(routed) * window;
  const at = Routed.takerAt(routed);
  const words = Routed.bitWords(routed);
  memory.fill(at, 0, <usize>(length + 2) << 2);
  memory.fill(Routed.keyBits(routed), 0, <usize>(length * words) << 2);
  for (let slot: usize = 0; slot < <usize>taken << 2; slot += 4) {
    const count = at + (<usize>load<u32>(Routed.queries(routed) + slot) << 2);
    store<i32>(count, load<i32>(count, 8) + 1, 8);
  }
  for (let query: usize = 0; query < <usize>length << 2; query += 4) {
    store<i32>(at + query, load<i32>(at + query, 4) + load<i32>(at + query, 8), 8);
  }
  for (let slot = 0, centre = 0, left = window; slot < taken; slot++) {
    const place = at + (<usize>load<u32>(Routed.queries(routed) + (<usize>slot << 2)) << 2);
    const own: usize = <usize>load<u32>(place, 4) << 2;
    store<i32>(place, load<i32>(place, 4) + 1, 4);
    store<i32>(Routed.takers(routed) + own, centre);
    store<i32>(Routed.slots(routed) + own, slot);
    const key = <usize>load<u32>(Routed.keys(routed) + (<usize>slot << 2));
    const word = Routed.keyBits(routed) + ((key * <usize>words + <usize>(centre >> 5)) << 2);
    store<u32>(word, load<u32>(word) | (1 << (centre & 31)));
    if (--left > 0) continue;
    left = window;
    centre++;
  }
}
