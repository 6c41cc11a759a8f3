import { Call } from "./call";
import { allFinite } from "./finite";
import { COLUMNS, PANEL_KEYS, PANEL_QUERIES, QUERIES, SCORE_ROW } from "./generated/layout";
import { scoresTile } from "./generated/micro";
import { Lane } from "./lane";
import { Routed, rowAt, unitsOf } from "./routed";
import { factorOf, lengthOf, packUnits } from "./unit-rows";

/** Centres by spherical k-means: tokens are brought to length 1, and sums of them are float64. */

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
