import {
  CHANNEL_ROW_chunk, ERASE_never, PANEL_KEYS, PANEL_QUERIES, QUERY_ROW, SCORE_ROW, TOKEN_FLOATS, TOKEN_ROW_fromStart, TOKEN_ROW_keep,
  TOKEN_ROW_logs, TOKEN_ROW_rest, TOKEN_ROW_share, TOKEN_ROW_toEnd, TOKEN_ROW_written,
} from "../generated/layout";
import { multiplyAdd, scoresTile } from "../generated/micro";
import { packPanels } from "../pack";
import { decayPairsOf, decaysOf } from "./decays";
import { fillFloats } from "./open";
import { openByToken, openQueries, scaleRows } from "./rows";
import { Recurrence, Scratch } from "./words";

/** ln α that is as good as -∞: sums of them stay finite, and differences of sums exact. */
const FORGETS: f64 = -200;

/**
 * A chunk whose tokens have one decay each, as products with the state and of its own tokens: leaves in the lane queries and keys
 * with their decays since the chunk began and until it ends, the decayed scores, and what is left of the state.
 */
export function prepareByToken(r: usize, s: usize, first: i32, count: i32, reads: bool): void {
  openByToken(r, s, first, count);
  sumLogs(r, s, count);
  const channels = Recurrence.channels(r);
  const keys = Scratch.keys(r, s), queries = Scratch.queries(r, s);
  const fromStart = Scratch.tokens(r, s, TOKEN_ROW_fromStart);
  const erases = Recurrence.erase(r) != ERASE_never;
  if (reads || erases) packPanels(keys, QUERY_ROW, count, Recurrence.d(r), 1, Scratch.panels(r, s));
  if (reads) {
    openQueries(r, s, first, count);
    scoreRows(r, s, queries, count, Scratch.scores(r, s));
  }
  if (erases) scoreRows(r, s, keys, count, Scratch.erased(r, s));
  if (reads || erases) decayScores(r, s, count, reads, erases);
  if (reads) scaleRows(queries, count, channels, fromStart);
  if (erases) askState(r, s, count, fromStart);
  scaleRows(keys, count, channels, Scratch.tokens(r, s, TOKEN_ROW_toEnd));
}

/** Decays since the chunk began, and until it ends, from differences of sums. */
export function sumLogs(r: usize, s: usize, count: i32): void {
  const logs = Scratch.tokens(r, s, TOKEN_ROW_logs);
  const fromStart = Scratch.tokens(r, s, TOKEN_ROW_fromStart), toEnd = Scratch.tokens(r, s, TOKEN_ROW_toEnd);
  decayPairsOf(logs, count + 7 & ~7, Scratch.tokens(r, s, TOKEN_ROW_keep), Scratch.tokens(r, s, TOKEN_ROW_rest));
  let before: f64 = 0;
  for (let i: usize = 0; i < <usize>count << 2; i += 4) {
    before += logAt(logs + i);
    store<f32>(fromStart + i, <f32>before);
  }
  const all = <f32>before;
  let after: f64 = 0;
  for (let t = count - 1; t >= 0; t--) {
    const i: usize = <usize>t << 2;
    store<f32>(toEnd + i, <f32>after);
    after += logAt(logs + i);
  }
  decaysOf(fromStart, count + 7 & ~7, fromStart);
  decaysOf(toEnd, count + 7 & ~7, toEnd);
  const chunk = Scratch.row(r, s, CHANNEL_ROW_chunk);
  fillFloats(chunk, 8, all);
  decaysOf(chunk, 8, chunk);
  fillFloats(chunk, Recurrence.channels(r), load<f32>(chunk));
}

@inline
function logAt(at: usize): f64 {
  const log = <f64>load<f32>(at);
  return log < FORGETS ? FORGETS : log;
}

/** Products of rows with the packed keys up to their own. */
function scoreRows(r: usize, s: usize, rows: usize, count: i32, scores: usize): void {
  const d = Recurrence.d(r);
  const panelBytes: usize = <usize>(d * PANEL_KEYS) << 2;
  for (let j = 0; j < count; j += PANEL_KEYS) {
    const keys = Scratch.panels(r, s) + <usize>(j / PANEL_KEYS) * panelBytes;
    for (let t = 0; t < count; t += PANEL_QUERIES) {
      if (j >= t + PANEL_QUERIES) continue;
      scoresTile(count - t, rows + <usize>t * QUERY_ROW, keys, PANEL_KEYS << 2, scores + <usize>t * SCORE_ROW + (<usize>j << 2), SCORE_ROW, d);
    }
  }
}

/** Scores times what is left of each key when its row reads it, and 0 for later keys; of what erases negated, times β. */
function decayScores(r: usize, s: usize, count: i32, reads: bool, erases: bool): void {
  const share = Scratch.tokens(r, s, TOKEN_ROW_share);
  const keep = Scratch.tokens(r, s, TOKEN_ROW_keep), rest = Scratch.tokens(r, s, TOKEN_ROW_rest);
  const written = Scratch.tokens(r, s, TOKEN_ROW_written);
  fillFloats(share, TOKEN_FLOATS, 0);
  for (let t = 0; t < count; t++) {
    const own: usize = <usize>t << 2;
    decayShares(share, t, load<f32>(keep + own), load<f32>(rest + own));
    store<f32>(share + own, 1);
    // Columns up to the end of the panel of rows are read.
    const bytes: usize = <usize>(((t / PANEL_QUERIES + 1) * PANEL_QUERIES + 7) & ~7) << 2;
    if (reads) weigh(Scratch.scores(r, s) + <usize>t * SCORE_ROW, share, bytes, 1);
    if (erases) weigh(Scratch.erased(r, s) + <usize>t * SCORE_ROW, share, bytes, -load<f32>(written + own));
  }
}

@inline
function decayShares(share: usize, count: i32, keep: f32, rest: f32): void {
  const c = f32x4.splat(keep), f = f32x4.splat(rest);
  for (let i: usize = 0; i < <usize>count << 2; i += 32) {
    const x = v128.load(share + i, 0), y = v128.load(share + i, 16);
    const a = multiplyAdd(f, x, f32x4.mul(c, x));
    const b = multiplyAdd(f, y, f32x4.mul(c, y));
    v128.store(share + i, a, 0);
    v128.store(share + i, b, 16);
  }
}

@inline
function weigh(scores: usize, share: usize, bytes: usize, factor: f32): void {
  const f = f32x4.splat(factor);
  for (let i: usize = 0; i < bytes; i += 32) {
    const a = f32x4.mul(f32x4.mul(f, v128.load(share + i, 0)), v128.load(scores + i, 0));
    const b = f32x4.mul(f32x4.mul(f, v128.load(share + i, 16)), v128.load(scores + i, 16));
    v128.store(scores + i, a, 0);
    v128.store(scores + i, b, 16);
  }
}

/** What asks the state for what to erase: keys times -β and the decay since the chunk began. */
function askState(r: usize, s: usize, count: i32, fromStart: usize): void {
  const erasing = Scratch.erasing(r, s), keys = Scratch.keys(r, s);
  const written = Scratch.tokens(r, s, TOKEN_ROW_written);
  const bytes: usize = <usize>Recurrence.channels(r) << 2;
  for (let t = 0; t < count; t++) {
    const factor = f32x4.splat(-load<f32>(written + (<usize>t << 2)) * load<f32>(fromStart + (<usize>t << 2)));
    const from = keys + <usize>t * QUERY_ROW, to = erasing + <usize>t * QUERY_ROW;
    for (let i: usize = 0; i < bytes; i += 32) {
      const a = f32x4.mul(factor, v128.load(from + i, 0));
      const b = f32x4.mul(factor, v128.load(from + i, 16));
      v128.store(to + i, a, 0);
      v128.store(to + i, b, 16);
    }
  }
}
