import { Call } from "../call";
import { KEY_BLOCK, UNTOUCHED } from "../generated/layout";
import { add } from "./keys";
import { scaleRow } from "../softmax";
import { turnRowBack } from "./turn-back";
import { Gradient, keyBytes, keySum, valueBytes, valueSum } from "./words";

/** Adds up what segments have summed of the blocks of keys `from … to-1`, in their order, and writes dk and dv of them. */
export function joinBlocks(call: usize, from: i32, to: i32): void {
  for (let block = from; block < to; block++) joinBlock(call, block);
}

function joinBlock(call: usize, block: i32): void {
  const g = Call.gradient(call);
  const first = block * KEY_BLOCK;
  const count = min(KEY_BLOCK, Call.length(call) - first);
  let ofKeys: usize = 0, ofValues: usize = 0;
  for (let segment = 0; segment < Gradient.segments(g); segment++) {
    const table = Gradient.table(g, segment);
    if (load<i32>(table + (<usize>block << 2)) == UNTOUCHED) continue;
    const keys = keySum(g, table, first), values = valueSum(call, g, table, first);
    if (ofKeys == 0) {
      ofKeys = keys;
      ofValues = values;
      continue;
    }
    add(keys, <usize>count * keyBytes(g), ofKeys);
    add(values, <usize>count * valueBytes(call), ofValues);
  }
  const d = Call.d(call), valueDim = Call.valueDim(call);
  let dk = Gradient.dk(g) + <usize>(first * d << 2);
  let dv = Gradient.dv(g) + <usize>(first * valueDim << 2);
  if (ofKeys == 0) {
    // No query attends any of these keys.
    if (Gradient.adds(g)) return;
    memory.fill(dk, 0, <usize>(count * d) << 2);
    memory.fill(dv, 0, <usize>(count * valueDim) << 2);
    return;
  }
  for (let key = first; key < first + count; key++) {
    if (Call.turns(call) != 0) turnRowBack(call, ofKeys, key);
    if (Gradient.ofKeys(g) != 1) scaleRow(ofKeys, keyBytes(g), Gradient.ofKeys(g));
    write(ofKeys, d, dk, Gradient.adds(g));
    write(ofValues, valueDim, dv, Gradient.adds(g));
    ofKeys += keyBytes(g);
    ofValues += valueBytes(call);
    dk += <usize>d << 2;
    dv += <usize>valueDim << 2;
  }
}

/** Writes a row, or adds it to what other heads have brought. */
@inline
function write(from: usize, count: i32, to: usize, adds: bool): void {
  if (!adds) {
    if (from != to) memory.copy(to, from, <usize>count << 2);
    return;
  }
  for (const end = from + (<usize>count << 2); from < end; from += 4) {
    store<f32>(to, load<f32>(to) + load<f32>(from));
    to += 4;
  }
}
