import {
  ERASE_never, QUERY_ROW, TOKEN_FLOATS, TOKEN_ROW_erases, TOKEN_ROW_keyNorms, TOKEN_ROW_norms, TOKEN_ROW_queryNorms, TOKEN_ROW_written,
  UNIT_both, UNIT_erasure,
} from "../../generated/layout";
import { isLearned } from "../gates";
import { channelLogs, channelWrites, copyChannels, copyFloats, copyTokens, fillFloats, tokenLogs, tokenWrites } from "../open";
import { bringToLength, multiplyRows, openQueries, scaleRows } from "../rows";
import { Place, Recurrence, Scratch } from "../words";
import { Backward, Rows } from "./words";

/**
 * Opens `count` tokens to go back over them: rows of queries, of what is written by, `β k`, and of what asks the state for what to
 * erase, x, so that all kinds are `S ← α S + (β k) (v - (α S)ᵀ x)ᵀ`, or `Sᵀ x`. RWKV-7, which writes k and erases by κ̂ = k / |k|,
 * asks by k / |k|²: its erasure is along what it writes.
 */
export function openBackward(r: usize, s: usize, slice: i32, first: i32, count: i32): void {
  const d = Recurrence.d(r), channels = Recurrence.channels(r);
  const keys = Scratch.keys(r, s), erasing = Scratch.erasing(r, s);
  copyTokens(Place.k(r, s) + (<usize>(first * d) << 2), count, d, channels, keys);
  copyChannels(r, keys, count, Rows.given(r, s));
  if (Recurrence.byChannel(r)) channelLogs(r, s, first, count);
  else tokenLogs(r, s, first, count);
  tokenWrites(r, s, first, count);
  if (Recurrence.writePerChannel(r)) channelWrites(r, s, count);
  const norms = Scratch.tokens(r, s, TOKEN_ROW_norms), keyNorms = Scratch.tokens(r, s, TOKEN_ROW_keyNorms);
  const unit = Recurrence.unit(r);
  if (unit == UNIT_both) {
    bringToLength(r, s, keys, count, 1);
    copyFloats(norms, count, keyNorms);
  }
  if (Recurrence.erase(r) != ERASE_never) {
    copyChannels(r, keys, count, erasing);
    if (unit == UNIT_erasure) {
      bringToLength(r, s, erasing, count, 1);
      copyFloats(norms, count, keyNorms);
      scaleRows(erasing, count, channels, keyNorms);
    }
    fillFloats(Scratch.tokens(r, s, TOKEN_ROW_erases), TOKEN_FLOATS, 1);
    copyChannels(r, erasing, count, Rows.erasing(r, s));
  }
  scaleRows(keys, count, channels, Scratch.tokens(r, s, TOKEN_ROW_written));
  if (Recurrence.writePerChannel(r)) multiplyRows(keys, Scratch.writes(r, s), count, channels);
  openQueries(r, s, first, count);
  if (unit == UNIT_both) copyFloats(norms, count, Scratch.tokens(r, s, TOKEN_ROW_queryNorms));
  copyChannels(r, keys, count, Rows.keys(r, s));
  copyChannels(r, Scratch.queries(r, s), count, Rows.queries(r, s));
  openDouts(r, s, slice, first, count);
}

/** The same where nothing is erased, of what a segment's gradient is summed of: queries, dout, and decays. */
export function openSums(r: usize, s: usize, slice: i32, first: i32, count: i32): void {
  const d = Recurrence.d(r);
  // Decays are made of keys.
  if (isLearned(Recurrence.decay(r))) copyTokens(Place.k(r, s) + (<usize>(first * d) << 2), count, d, Recurrence.channels(r), Scratch.keys(r, s));
  if (Recurrence.byChannel(r)) channelLogs(r, s, first, count);
  else tokenLogs(r, s, first, count);
  openQueries(r, s, first, count);
  openDouts(r, s, slice, first, count);
}

/** Rows of dout, filled up with 0. */
function openDouts(r: usize, s: usize, slice: i32, first: i32, count: i32): void {
  const valueDim = Recurrence.valueDim(r);
  const from = Backward.dout(r, slice) + (<usize>(first * valueDim) << 2);
  copyTokens(from, count, valueDim, <i32>(Recurrence.rowBytes(r) >> 2), Rows.douts(r, s));
}
