import { Call } from "./call";
import { allFinite } from "./finite";
import { GROUP_ROWS } from "./generated/layout";
import { attendGroup, clearGroup, fetchQueries } from "./group-rows";
import { Hashed } from "./hashed";
import { Lane } from "./lane";
import { copyListed } from "./pack";
import { fetchRows, keepRows, leaveSums, writeScaled } from "./rows";
import { packUnits } from "./unit-rows";

/**
 * Places `from … to-1` of all rounds one after another, which are of one round: their tokens attend their chunks and those before.
 * Between rounds the state of a row is kept, since each round has another order.
 */
export function attendSorted(call: usize, lane: usize, from: i32, to: i32): void {
  const hashed = Call.hashed(call);
  const length = Call.length(call);
  const round = from / length;
  const start = round * length;
  const order = Hashed.order(hashed) + (<usize>start << 2);
  const size = Hashed.chunk(hashed);
  const first = max(0, (from - start) / size - 1) * size;
  const end = min(length, ((to - start - 1) / size + 1) * size);
  const step = bringIn(call, lane, round, order + (<usize>first << 2), end - first);
  const keys = order + (<usize>first << 2);
  for (let place = from - start; place < to - start; ) {
    const chunk = place / size;
    const rows = min(min(GROUP_ROWS, to - start - place), (chunk + 1) * size - place);
    const list = order + (<usize>place << 2);
    fetchQueries(call, lane, list, rows);
    if (round == 0) clearGroup(call, lane, rows);
    else fetchRows(call, lane, list, 0, rows);
    const begin = max(0, chunk - 1) * size - first;
    attendGroup(call, lane, list, rows, keys, begin, min(length, (chunk + 1) * size) - first, Lane.shown(lane), step, round);
    if (round + 1 < Hashed.rounds(hashed)) keepRows(call, lane, list, 0, rows);
    else writeSorted(call, lane, list, rows);
    place += rows;
  }
}

/** Packs the keys of a list of tokens, copies their values, and what the rounds show of them. Returns bytes between rows of that. */
function bringIn(call: usize, lane: usize, round: i32, list: usize, count: i32): usize {
  const hashed = Call.hashed(call);
  const valueBytes: usize = <usize>Call.valueDim(call) << 2;
  packUnits(list, Call.q(call), count, Call.d(call), Hashed.factors(hashed), Lane.classKeys(lane));
  copyListed(list, 0, count, Call.v(call), valueBytes, Lane.classValues(lane), valueBytes);
  return bringHashed(call, lane, round, list, count);
}

/** Copies what the rounds show of a list of tokens. Returns bytes between rows of that. */
export function bringHashed(call: usize, lane: usize, round: i32, list: usize, count: i32): usize {
  const hashed = Call.hashed(call);
  const step: usize = ((<usize>count + 31) & ~7) << 2;
  const bytes: usize = <usize>Call.length(call) << 2;
  let to = Lane.shown(lane);
  for (let r: usize = 0; r <= <usize>round; r++) {
    copyNumbers(Hashed.chunks(hashed) + r * bytes, list, count, to);
    to += step;
    if (!Hashed.sameBucket(hashed)) continue;
    copyNumbers(Hashed.chosen(hashed) + r * bytes, list, count, to);
    to += step;
  }
  return step;
}

/** Of a list of tokens the number of each. */
function copyNumbers(numbers: usize, list: usize, count: i32, to: usize): void {
  for (let i: usize = 0; i < <usize>count << 2; i += 4) store<i32>(to + i, load<i32>(numbers + (<usize>load<u32>(list + i) << 2)));
}

/** Normalises rows into the output; one that has seen no key attends its own token. */
function writeSorted(call: usize, lane: usize, list: usize, rows: i32): void {
  if (Call.sums(call) != 0) leaveSums(call, lane, list, 0, rows);
  const rowBytes: usize = <usize>Call.width(call) << 2;
  const d = Call.d(call);
  const valueDim = Call.valueDim(call);
  for (let r: usize = 0; r < <usize>rows; r++) {
    const token = load<i32>(list + (r << 2));
    const at: usize = <usize>token * (<usize>valueDim << 2);
    if (load<f32>(Lane.maximum(lane) + (r << 2)) == -Infinity) {
      // The weight of a single key is 1, unless its score is no number.
      const weight: f32 = allFinite(Call.q(call) + (<usize>(token * d) << 2), d) ? 1 : NaN;
      writeScaled(Call.v(call) + at, valueDim, weight, Call.out(call) + at);
    } else writeScaled(Lane.output(lane) + r * rowBytes, valueDim, 1 / load<f32>(Lane.total(lane) + (r << 2)), Call.out(call) + at);
  }
}
