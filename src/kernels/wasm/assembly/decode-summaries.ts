import { Call } from "./call";
import { addWide, writeMean } from "./decode-pooled";
import { RULE_nsa, RULE_quest, RULE_topK } from "./generated/layout";
import { Kept } from "./kept-words";
import { finiteVector } from "./page-bounds";

/** Summaries of blocks while decoding: they are brought up to date token by token, however many come at once. */

/** Takes tokens `first … first + count - 1` of a slice, which are in its rows, into its summaries. */
export function summariseTokens(call: usize, slice: i32, first: i32, count: i32): void {
  if (Kept.rule(call) == RULE_topK) return;
  for (let position = first; position < first + count; position++) summariseToken(call, slice, position);
}

function summariseToken(call: usize, slice: i32, position: i32): void {
  const size = Kept.block(call);
  const block = position / size, within = position % size;
  const keyRow: usize = <usize>Call.keyWidth(call) << 2;
  const key = Kept.keys(call, slice) + <usize>position * keyRow;
  const summary = Kept.summaries(call, slice) + <usize>block * Kept.summaryBytes(call);
  if (Kept.rule(call) == RULE_quest) {
    widen(key, keyRow, within == 0, summary);
    return;
  }
  const d = Call.d(call), valueDim = Call.valueDim(call);
  const sums = Kept.sums(call, slice);
  const valueSums = sums + (<usize>d << 3);
  const sumsValues = Kept.rule(call) == RULE_nsa;
  const valueRow: usize = <usize>Call.width(call) << 2;
  if (within == 0) memory.fill(sums, 0, <usize>(d + valueDim) << 3);
  addWide(key, d, sums);
  if (sumsValues) addWide(Kept.values(call, slice) + <usize>position * valueRow, valueDim, valueSums);
  if (within + 1 < size) return;
  writeMean(sums, d, size, summary, keyRow);
  if (sumsValues) writeMean(valueSums, valueDim, size, Kept.meanValues(call, slice) + <usize>block * valueRow, valueRow);
}

/** Widens what is most and what is least of a page by a key, or begins it. */
function widen(key: usize, keyRow: usize, first: bool, most: usize): void {
  const least = most + keyRow;
  for (let i: usize = 0; i < keyRow; i += 16) {
    const x = finiteVector(v128.load(key + i));
    v128.store(most + i, first ? x : f32x4.max(v128.load(most + i), x));
    v128.store(least + i, first ? x : f32x4.min(v128.load(least + i), x));
  }
}
