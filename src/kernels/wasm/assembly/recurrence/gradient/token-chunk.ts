import {
  CHANNEL_ROW_chunk, ERASE_never, QUERY_ROW, SCORE_ROW, TOKEN_FLOATS, TOKEN_ROW_crossing, TOKEN_ROW_fromStart, TOKEN_ROW_keep,
  TOKEN_ROW_ofKept, TOKEN_ROW_ofLogs, TOKEN_ROW_ofReads, TOKEN_ROW_rest, TOKEN_ROW_toEnd,
} from "../../generated/layout";
import { multiplyAdd } from "../../generated/micro";
import { packPanels } from "../../pack";
import { fillFloats } from "../open";
import { scaleRows } from "../rows";
import { sumLogs } from "../token-chunk";
import { Recurrence, Scratch } from "../words";
import { makeWritten, ofStateRows, ofWritten } from "./chunk";
import { addEarlier, addLater, addLaterPairs, clearLater, dotRow, pairProductRows, pairProducts, pairRows, weighPairs } from "./products";
import { Backward, Rows } from "./words";

/** Squares of a row of what erases, together, before decays: 48 unit keys of 64 channels have 0.75 where β is 1. */
const MOST_ALIKE: f32 = 1;

/**
 * Back over a chunk whose tokens have one decay each: `state` is the one before it, and `after` the gradient of that after it.
 * Leaves in the lane the gradients of queries, of what is written by and asked by, of values, and of ln α. Returns how many tokens may
 * be gone back over together: if not all, because keys are much alike, nothing has been done.
 */
export function backByToken(r: usize, s: usize, first: i32, count: i32, state: usize, after: usize, carefully: bool): i32 {
  const d = Recurrence.d(r), channels = Recurrence.channels(r);
  const bytes: usize = <usize>channels << 2;
  const erases = Recurrence.erase(r) != ERASE_never;
  const fromStart = Scratch.tokens(r, s, TOKEN_ROW_fromStart), toEnd = Scratch.tokens(r, s, TOKEN_ROW_toEnd);
  const scores = Scratch.scores(r, s), erased = Scratch.erased(r, s), shares = Rows.shares(r, s);
  const products = Rows.products(r, s), moreProducts = Rows.moreProducts(r, s);
  sumLogs(r, s, count);
  makeShares(r, s, count, shares);
  packPanels(Rows.keys(r, s), QUERY_ROW, count, d, 1, Scratch.panels(r, s));
  if (erases) {
    pairProducts(Rows.erasing(r, s), QUERY_ROW, Scratch.panels(r, s), d, count, erased);
    const together = unlikeTokens(erased, count);
    if (count > Backward.span(r) && together < count) return together;
    weighPairs(erased, shares, count, -1, true);
    scaleNegated(Scratch.erasing(r, s), count, bytes, fromStart);
  }
  pairProducts(Rows.queries(r, s), QUERY_ROW, Scratch.panels(r, s), d, count, scores);
  weighPairs(scores, shares, count, 1, false);
  scaleRows(Scratch.queries(r, s), count, channels, fromStart);
  scaleRows(Scratch.keys(r, s), count, channels, toEnd);
  makeWritten(r, s, first, count, state);
  ofWritten(r, s, count, after, carefully);

  if (Backward.learnsDecays(r)) crossPairs(r, s, count, erases);
  weighPairs(products, shares, count, 1, false);
  if (erases) weighPairs(moreProducts, shares, count, -1, true);
  ofStateRows(r, s, count, state, after, Rows.ofKeys(r, s));
  const ofQueries = Rows.ofQueries(r, s), ofKeys = Rows.ofKeys(r, s), ofErasing = Rows.ofErasing(r, s);
  scaleRows(ofQueries, count, channels, fromStart);
  scaleRows(ofKeys, count, channels, toEnd);
  if (erases) scaleNegated(ofErasing, count, bytes, fromStart);
  if (Backward.learnsDecays(r)) ofDecays(r, s, count, erases, state, after);
  addEarlier(products, Rows.keys(r, s), ofQueries, QUERY_ROW, count, bytes, carefully);
  if (!erases) {
    addLater(products, Rows.queries(r, s), ofKeys, QUERY_ROW, count, bytes, carefully, Scratch.parts(r, s));
    return count;
  }
  const paired = Rows.pairedRows(r, s), pairs = Rows.pairedProducts(r, s);
  pairRows(Rows.queries(r, s), Rows.erasing(r, s), QUERY_ROW, count, bytes, paired);
  pairProductRows(products, moreProducts, count, pairs);
  addLaterPairs(pairs, paired, ofKeys, QUERY_ROW, count, bytes, carefully, Scratch.parts(r, s));
  addEarlier(moreProducts, Rows.keys(r, s), ofErasing, QUERY_ROW, count, bytes, carefully);
  return count;
}

/**
 * Tokens before the first whose row of what erases has larger squares together than keys of any direction would. What is written and
 * erased again within a chunk is then much more than what is left, and so are its rounding errors, which a step would have erased
 * with it. Later keys have no say in that, so that no row that reads earlier ones depends on them.
 */
function unlikeTokens(erased: usize, count: i32): i32 {
  for (let t = 1; t < count; t++) {
    const row = erased + <usize>t * SCORE_ROW;
    if (!(dotRow(row, row, t) <= MOST_ALIKE)) return t;
  }
  return count;
}

/** What is left of each token when a later one reads it, a row each: that of the token before times its decay. */
function makeShares(r: usize, s: usize, count: i32, shares: usize): void {
  const keep = Scratch.tokens(r, s, TOKEN_ROW_keep), rest = Scratch.tokens(r, s, TOKEN_ROW_rest);
  for (let t = 0; t < count; t++) {
    const row = shares + <usize>t * SCORE_ROW, own: usize = <usize>t << 2;
    const c = v128.load32_splat(keep + own), f = v128.load32_splat(rest + own);
    for (let i: usize = 0; i < own; i += 32) {
      const x = v128.load(row - SCORE_ROW + i, 0), y = v128.load(row - SCORE_ROW + i, 16);
      const a = multiplyAdd(f, x, f32x4.mul(c, x));
      const b = multiplyAdd(f, y, f32x4.mul(c, y));
      v128.store(row + i, a, 0);
      v128.store(row + i, b, 16);
    }
    store<f32>(row + own, 1);
    clearLater(shares, t, t + 1);
  }
}

/** Rows times numbers of their own, negated: what asks for what is erased takes it away. */
function scaleNegated(rows: usize, count: i32, bytes: usize, factors: usize): void {
  for (let t = 0; t < count; t++) {
    const f = f32x4.neg(v128.load32_splat(factors + (<usize>t << 2)));
    const row = rows + <usize>t * QUERY_ROW;
    for (let i: usize = 0; i < bytes; i += 32) {
      const a = f32x4.mul(f, v128.load(row + i, 0)), b = f32x4.mul(f, v128.load(row + i, 16));
      v128.store(row + i, a, 0);
      v128.store(row + i, b, 16);
    }
  }
}

/**
 * What each decay gets from pairs that it lies between: of token r those of an earlier token that r, or a later one, reads. A
 * running sum over rows from the last on, of each earlier token by itself.
 */
function crossPairs(r: usize, s: usize, count: i32, erases: bool): void {
  const crossing = Scratch.tokens(r, s, TOKEN_ROW_crossing), to = Scratch.tokens(r, s, TOKEN_ROW_ofLogs);
  fillFloats(crossing, TOKEN_FLOATS, 0);
  for (let t = count - 1; t >= 0; t--) {
    const at: usize = <usize>t * SCORE_ROW;
    addPairs(Scratch.scores(r, s) + at, Rows.products(r, s) + at, t, crossing);
    if (erases) addPairs(Scratch.erased(r, s) + at, Rows.moreProducts(r, s) + at, t, crossing);
    store<f32>(to + (<usize>t << 2), sumFloats(crossing, t));
  }
}

/** Products of two rows up to column `end`, each into its sum; what lies beyond is of pairs that nothing crosses any more. */
@inline
function addPairs(a: usize, b: usize, end: i32, sums: usize): void {
  for (let i: usize = 0; i < <usize>end << 2; i += 32) {
    const x = multiplyAdd(v128.load(a + i, 0), v128.load(b + i, 0), v128.load(sums + i, 0));
    const y = multiplyAdd(v128.load(a + i, 16), v128.load(b + i, 16), v128.load(sums + i, 16));
    v128.store(sums + i, x, 0);
    v128.store(sums + i, y, 16);
  }
}

function sumFloats(from: usize, count: i32): f32 {
  let sum: f64 = 0;
  for (let i: usize = 0; i < <usize>count << 2; i += 4) sum += load<f32>(from + i);
  return <f32>sum;
}

/**
 * Adds what decays get of the state that goes through the whole chunk, of what earlier tokens leave after it, and of what later
 * ones read of the state before it. Every term has the decay in it: nothing that decays is a difference of what does not.
 */
function ofDecays(r: usize, s: usize, count: i32, erases: bool, state: usize, after: usize): void {
  const channels = Recurrence.channels(r), valueDim = Recurrence.valueDim(r);
  const rowBytes = Recurrence.rowBytes(r);
  const kept = Scratch.tokens(r, s, TOKEN_ROW_ofKept), reads = Scratch.tokens(r, s, TOKEN_ROW_ofReads);
  for (let t = 0; t < count; t++) {
    const at: usize = <usize>t * QUERY_ROW, own: usize = <usize>t << 2;
    store<f32>(kept + own, dotRow(Rows.keys(r, s) + at, Rows.ofKeys(r, s) + at, channels));
    let read = dotRow(Rows.queries(r, s) + at, Rows.ofQueries(r, s) + at, channels);
    if (erases) read += dotRow(Rows.erasing(r, s) + at, Rows.ofErasing(r, s) + at, channels);
    store<f32>(reads + own, read);
  }
  let through: f64 = 0;
  for (let c = 0; c < Recurrence.d(r); c++) through += dotRow(state + <usize>c * rowBytes, after + <usize>c * rowBytes, valueDim);
  through *= load<f32>(Scratch.row(r, s, CHANNEL_ROW_chunk));
  const to = Scratch.tokens(r, s, TOKEN_ROW_ofLogs);
  for (let t = 0; t < count; t++) {
    const own: usize = <usize>t << 2;
    store<f32>(to + own, <f32>(load<f32>(to + own) + through));
    through += load<f32>(kept + own);
  }
  let later: f64 = 0;
  for (let t = count - 1; t >= 0; t--) {
    const own: usize = <usize>t << 2;
    later += load<f32>(reads + own);
    store<f32>(to + own, <f32>(load<f32>(to + own) + later));
  }
}
