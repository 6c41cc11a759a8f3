import { Call } from "./call";
import { arePlain, prepareKeys, scoreFormed } from "./gather-forms";
import { GATHER_keys, GATHER_rows, GATHER_ITEM_prepare, ITEM_BYTES } from "./generated/layout";
import { Lane } from "./lane";
import { padQuery, scoreRow, sumRow } from "./listed-rows";
import { writeScaled } from "./rows";
import { weighRow } from "./weigh-row";

/**
 * Softmax attention row by row: keys and values are fetched from where they lie, one row of numbers for each pair. Some rows
 * go through every step together: their scores, then their weights, then their sums.
 */

/**
 * Runs items `from … to`, each of them a range of rows, or one of keys to prepare, for all heads of q that read one head of k and v
 * alike.
 */
export function runGatherItems(call: usize, lane: usize, from: usize, to: usize): void {
  for (let item = from; item < to; item += ITEM_BYTES) {
    const first = load<i32>(item, 4);
    const last = load<i32>(item, 8);
    if (load<i32>(item) == GATHER_ITEM_prepare) {
      prepareKeys(call, lane, first, last);
      continue;
    }
    for (let row = first; row < last; ) {
      const end = endOfBlock(call, row, last);
      for (let reader: usize = 0; reader < <usize>Call.readers(call); reader++) attendRows(call, lane, row, end, reader);
      row = end;
    }
  }
}

/** Where the rows that begin with `row` are enough for one block: at least one of them, whatever its keys. */
function endOfBlock(call: usize, row: i32, last: i32): i32 {
  const rowAt = Call.rowAt(call);
  const most = load<i32>(rowAt + (<usize>row << 2)) + GATHER_keys;
  const limit = min(last, row + GATHER_rows);
  let end = row + 1;
  while (end < limit && load<i32>(rowAt + (<usize>(end + 1) << 2)) <= most) end++;
  return end;
}

/** Bytes that the scores of a row of `count` keys take: room for seven more to fill up eights, and for the factor behind them. */
@inline
function scoreBytes(count: i32): usize { return <usize>((count + 11) & ~3) << 2; }

/** Rows `first … last-1` of one head of q. */
function attendRows(call: usize, lane: usize, first: i32, last: i32, reader: usize): void {
  const rowAt = Call.rowAt(call);
  const rowKeys = Call.rowKeys(call);
  const d = Call.d(call);
  const keyBytes: usize = <usize>d << 2;
  const query = Lane.queries(lane);
  const parts = Lane.parts(lane);
  const plain = arePlain(call);
  let from = Call.q(call) + reader * Call.readerQueries(call) + <usize>first * keyBytes;
  let scores = Lane.scores(lane);
  for (let row = first; row < last; row++) {
    const at = load<i32>(rowAt + (<usize>row << 2));
    const count = load<i32>(rowAt + (<usize>row << 2), 4) - at;
    const list = rowKeys + (<usize>at << 2);
    if (plain) {
      padQuery(from, d, Call.factor(call), query);
      scoreRow(query, Call.k(call), keyBytes, list, count, scores, parts);
    } else scoreFormed(call, lane, reader, row, from, list, count, scores);
    scores += scoreBytes(count);
    from += keyBytes;
  }
  scores = Lane.scores(lane);
  for (let row = first; row < last; row++) {
    const count = load<i32>(rowAt + (<usize>row << 2), 4) - load<i32>(rowAt + (<usize>row << 2));
    // What the sum of values is to be multiplied by goes behind the weights, where there is room.
    const inverse: f32 = count == 0 ? 0 : weighRow(call, Call.rowNumbers(call), <usize>row << 2, scores, count, parts);
    store<f32>(scores + (<usize>count << 2), inverse);
    scores += scoreBytes(count);
  }
  const valueDim = Call.valueDim(call);
  const valueBytes: usize = <usize>valueDim << 2;
  let out = Call.out(call) + reader * Call.readerOutputs(call) + <usize>first * valueBytes;
  const output = Lane.output(lane);
  scores = Lane.scores(lane);
  for (let row = first; row < last; row++) {
    const at = load<i32>(rowAt + (<usize>row << 2));
    const count = load<i32>(rowAt + (<usize>row << 2), 4) - at;
    sumRow(scores, Call.v(call), valueBytes, rowKeys + (<usize>at << 2), count, output);
    writeScaled(output, valueDim, load<f32>(scores + (<usize>count << 2)), out);
    scores += scoreBytes(count);
    out += valueBytes;
  }
}
