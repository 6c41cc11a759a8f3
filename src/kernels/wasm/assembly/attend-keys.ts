import { Call } from "./call";
import { CHOSEN_ROWS } from "./generated/layout";
import { Lane } from "./lane";
import { padQuery, scoreRow, sumRow } from "./listed-rows";
import { writeScaled } from "./rows";
import { countFloats, countFlops } from "./select-count";
import { Selection } from "./select-words";
import { weighRow } from "./weigh-row";

/** Rows against single keys that were chosen for them, each fetched from where it lies. */
export function attendKeys(call: usize, lane: usize, from: i32, to: i32): void {
  for (let first = from; first < to; first += CHOSEN_ROWS) attendRows(call, lane, first, min(to, first + CHOSEN_ROWS));
}

function countOf(call: usize, row: i32): i32 {
  const list = Selection.choice(call, row);
  let count = Selection.most(call);
  while (count > 0 && load<i32>(list + (<usize>(count - 1) << 2)) < 0) count--;
  return count;
}

/** Some rows go through each step together, so that the processor fetches the keys of later ones while it computes earlier ones. */
function attendRows(call: usize, lane: usize, first: i32, last: i32): void {
  const keyBytes: usize = <usize>Call.d(call) << 2;
  const valueBytes: usize = <usize>Call.valueDim(call) << 2;
  const parts = Lane.parts(lane);
  const scoreBytes: usize = <usize>((Selection.most(call) + 11) & ~3) << 2;
  let scores = Lane.scores(lane);
  for (let row = first; row < last; row++) {
    padQuery(Call.q(call) + <usize>row * keyBytes, Call.d(call), Call.factor(call), Lane.queries(lane));
    scoreRow(Lane.queries(lane), Call.k(call), keyBytes, Selection.choice(call, row), countOf(call, row), scores, parts);
    scores += scoreBytes;
  }
  scores = Lane.scores(lane);
  for (let row = first; row < last; row++) {
    const keys = countOf(call, row);
    const inverse: f32 = keys == 0 ? 0 : weighRow(call, 0, 0, scores, keys, parts);
    sumRow(scores, Call.v(call), valueBytes, Selection.choice(call, row), keys, Lane.output(lane));
    writeScaled(Lane.output(lane), Call.valueDim(call), inverse, Call.out(call) + <usize>row * valueBytes);
    const floats = keys * (Call.d(call) + Call.valueDim(call));
    countFlops(lane, 2 * <f64>floats);
    countFloats(lane, floats + Call.d(call) + Call.valueDim(call));
    scores += scoreBytes;
  }
}
