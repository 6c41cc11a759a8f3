import { Call } from "../call";
import { ITEM_BYTES, LISTED_ITEM_keys, LISTED_ITEM_rows, LISTED_ITEM_sort, LISTED_ROWS } from "../generated/layout";
import { Lane } from "../lane";
import { padQuery, scoreRow, sumRow } from "../listed-rows";
import { writeScaled } from "../rows";
import { weighRow } from "../weigh-row";
import { Listed } from "./listed-words";

/**
 * The gradient of softmax attention of one head in which each row has a list of keys: the items `from … to`, which threads share out. Rows
 * leave the weight of each pair and the gradient of its score where the key's readers are listed, and keys then fetch what their
 * readers bring: every number is a sum in one order, and nothing is added up twice.
 */
export function runListedGradientItems(call: usize, lane: usize, from: usize, to: usize): void {
  for (let item = from; item < to; item += ITEM_BYTES) {
    const kind = load<i32>(item, 0);
    const first = load<i32>(item, 4);
    const last = load<i32>(item, 8);
    if (kind == LISTED_ITEM_sort) sortByKey(call, last);
    else if (kind == LISTED_ITEM_rows) {
      for (let row = first; row < last; row += LISTED_ROWS) goThroughRows(call, lane, row, min(last, row + LISTED_ROWS));
    } else if (kind == LISTED_ITEM_keys) for (let key = first; key < last; key++) joinReaders(call, lane, key);
  }
}

/** Finds the readers of each key, rising, and where each pair is among them. */
function sortByKey(call: usize, rows: i32): void {
  const starts = Listed.starts(call);
  const readers = Listed.readers(call);
  memory.fill(starts, 0, <usize>(Call.length(call) + 2) << 2);
  for (let row = 0; row < rows; row++) {
    for (let at = Listed.list(call, row), end = Listed.list(call, row + 1); at < end; at += 4) {
      const key = load<i32>(at);
      if (key < 0) break;
      const counted = starts + (<usize>(key + 2) << 2);
      store<i32>(counted, load<i32>(counted) + 1);
    }
  }
  for (let key = 0, sum = 0; key < Call.length(call) + 2; key++) {
    sum += load<i32>(starts + (<usize>key << 2));
    store<i32>(starts + (<usize>key << 2), sum);
  }
  // What is where a key's readers begin moves on to where they end, which is where the next ones begin.
  for (let row = 0; row < rows; row++) {
    let places = Listed.places(call, row);
    for (let at = Listed.list(call, row), end = Listed.list(call, row + 1); at < end; at += 4, places += 4) {
      const key = load<i32>(at);
      if (key < 0) break;
      const next = starts + (<usize>(key + 1) << 2);
      const place = load<i32>(next);
      store<i32>(places, place);
      store<i32>(readers + (<usize>place << 2), row);
      store<i32>(next, place + 1);
    }
  }
}

function countOf(call: usize, row: i32): i32 {
  const list = Listed.list(call, row);
  let count = Listed.most(call);
  while (count > 0 && load<i32>(list + (<usize>(count - 1) << 2)) < 0) count--;
  return count;
}

/** Some rows go through each step together, so that the processor fetches the keys of later ones while it computes earlier ones. */
function goThroughRows(call: usize, lane: usize, first: i32, last: i32): void {
  const keyBytes: usize = <usize>Call.d(call) << 2, valueBytes: usize = <usize>Call.valueDim(call) << 2;
  const parts = Lane.parts(lane);
  const step: usize = <usize>((Listed.most(call) + 11) & ~3) << 2;
  let scores = Lane.scores(lane), products = Lane.products(lane);
  for (let row = first; row < last; row++) {
    const list = Listed.list(call, row);
    const count = countOf(call, row);
    padQuery(Call.q(call) + <usize>row * keyBytes, Call.d(call), Call.factor(call), Lane.queries(lane));
    scoreRow(Lane.queries(lane), Call.k(call), keyBytes, list, count, scores, parts);
    padQuery(Call.out(call) + <usize>row * valueBytes, Call.valueDim(call), 1, Lane.douts(lane));
    scoreRow(Lane.douts(lane), Call.v(call), valueBytes, list, count, products, parts);
    scores += step;
    products += step;
  }
  scores = Lane.scores(lane);
  products = Lane.products(lane);
  for (let row = first; row < last; row++) {
    const count = countOf(call, row);
    if (count > 0) {
      weighRow(call, 0, 0, scores, count, parts);
      findSlopes(call, row, count, scores, products);
    }
    sumRow(products, Call.k(call), keyBytes, Listed.list(call, row), count, Lane.output(lane));
    writeScaled(Lane.output(lane), Call.d(call), Listed.scale(call), Listed.dq(call) + <usize>row * keyBytes);
    scores += step;
    products += step;
  }
}

/**
 * Of weights that are not yet divided, and of dout times values, the gradients of scores in the place of the latter, `p (dp - Σ p dp)`; leaves
 * both where the readers of the keys are listed. Sums are float64, so that of a single key nothing is left.
 */
function findSlopes(call: usize, row: i32, count: i32, weights: usize, products: usize): void {
  let total: f64 = 0, sum: f64 = 0;
  for (let n: usize = 0; n < <usize>count << 2; n += 4) {
    const weight = <f64>load<f32>(weights + n);
    total += weight;
    sum += weight * <f64>load<f32>(products + n);
  }
  const mean = <f32>(sum / total);
  const inverse = 1 / total;
  const places = Listed.places(call, row);
  const ofWeights = Listed.weights(call), ofSlopes = Listed.slopes(call);
  for (let n: usize = 0; n < <usize>count << 2; n += 4) {
    const share = <f32>(<f64>load<f32>(weights + n) * inverse);
    const slope = share * (load<f32>(products + n) - mean);
    const place = <usize>load<i32>(places + n) << 2;
    store<f32>(products + n, slope);
    store<f32>(ofWeights + place, share);
    store<f32>(ofSlopes + place, slope);
  }
}

/** What the readers of a key bring to it. */
function joinReaders(call: usize, lane: usize, key: i32): void {
  const at = Listed.starts(call) + (<usize>key << 2);
  const from = load<i32>(at, 0);
  const count = load<i32>(at, 4) - from;
  const first: usize = <usize>from << 2;
  const list = Listed.readers(call) + first;
  const output = Lane.output(lane);
  const keyBytes: usize = <usize>Call.d(call) << 2, valueBytes: usize = <usize>Call.valueDim(call) << 2;
  sumRow(Listed.slopes(call) + first, Call.q(call), keyBytes, list, count, output);
  put(output, Call.d(call), Listed.scale(call), Listed.dk(call) + <usize>key * keyBytes, Listed.adds(call));
  sumRow(Listed.weights(call) + first, Call.out(call), valueBytes, list, count, output);
  put(output, Call.valueDim(call), 1, Listed.dv(call) + <usize>key * valueBytes, Listed.adds(call));
}

/** Writes numbers times a factor, or adds them to what other heads have brought. */
@inline
function put(from: usize, count: i32, factor: f32, to: usize, adds: bool): void {
  if (!adds) {
    writeScaled(from, count, factor, to);
    return;
  }
  for (let i: usize = 0; i < <usize>count << 2; i += 4) store<f32>(to + i, load<f32>(to + i) + load<f32>(from + i) * factor);
}
