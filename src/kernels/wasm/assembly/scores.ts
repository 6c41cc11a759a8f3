import { Call, HeadScore } from "./call";
import { dotRows } from "./dot-rows";
import {
  ACTIVATION_leaky, ACTIVATION_none, ACTIVATION_steep, PANEL_KEYS, PANEL_QUERIES, QUERY_ROW, SCORE_ROW,
} from "./generated/layout";
import { scoresTile } from "./generated/micro";
import { leakyTile, powersTile, steepTile, tanhTile } from "./generated/scores";
import { Lane } from "./lane";
import { powersOfRow } from "./powers";
import { layTanh } from "./tanh";

/** Scores that are not products of q and k: `Σ_c w_c act(q_c + k_c)`, or `act(a·q + b·k)`, which is that of one channel. */

/** Makes of `rows` rows of q in the lane what their scores read. */
export function prepareQueries(call: usize, lane: usize, rows: i32): void {
  const d = Call.d(call);
  const queries = Lane.queries(lane);
  if (Call.splits(call)) dotRows(queries, QUERY_ROW, rows, HeadScore.first(Call.score(call)), d, queries, QUERY_ROW);
  if (!Call.takesPowers(call)) return;
  const limit = HeadScore.limit(Call.score(call));
  const marks = Lane.marks(lane);
  for (let r = 0; r < rows; r++) {
    const at: usize = <usize>r * QUERY_ROW;
    const beyond = powersOfRow(queries + at, d, limit, Lane.powers(lane) + at);
    store<i32>(marks + (<usize>r << 2), beyond ? -1 : 0);
  }
  // The last panel has marks of rows that there are not.
  for (let r = rows; r % PANEL_QUERIES != 0; r++) store<i32>(marks + (<usize>r << 2), 0);
}

/** Scores of the panel of queries that begins with row `first`, `left` rows before the end, against a panel of packed keys. */
@inline
export function scorePanel(call: usize, lane: usize, left: i32, first: i32, keys: usize, scores: usize): void {
  const queries = Lane.queries(lane) + <usize>first * QUERY_ROW;
  const activation = Call.activation(call);
  if (activation == ACTIVATION_none) scoresTile(left, queries, keys, PANEL_KEYS << 2, scores, SCORE_ROW, Call.d(call));
  else if (Call.takesPowers(call)) scoreByPowers(call, lane, left, first, keys, scores);
  else {
    const score = Call.score(call);
    const weights = Call.splits(call) ? HeadScore.one(score) : HeadScore.first(score);
    if (activation == ACTIVATION_leaky) leakyTile(left, queries, keys, weights, scores, Call.channels(call), HeadScore.slope(score));
    else if (activation == ACTIVATION_steep) steepTile(left, queries, keys, weights, scores, Call.channels(call), HeadScore.slope(score));
  }
}

/** Of packed keys the numbers themselves come first, then their powers, and then the marks of those beyond the limit. */
function scoreByPowers(call: usize, lane: usize, left: i32, first: i32, keys: usize, scores: usize): void {
  const d = Call.d(call);
  const score = Call.score(call);
  const weights = HeadScore.first(score);
  const panel: usize = <usize>(d * PANEL_KEYS) << 2;
  const row: usize = <usize>first * QUERY_ROW;
  powersTile(left, Lane.powers(lane) + row, keys + panel, weights, scores, d, HeadScore.start(score), HeadScore.one(score));
  const keyMarks = keys + 2 * panel;
  const queryMarks = Lane.marks(lane) + (<usize>first << 2);
  if (!anyMarked(queryMarks, PANEL_QUERIES) && !anyMarked(keyMarks, PANEL_KEYS)) return;
  const exact = Lane.exact(lane);
  const table = exact + <usize>PANEL_QUERIES * SCORE_ROW;
  layTanh(table);
  tanhTile(left, Lane.queries(lane) + row, keys, weights, exact, d, table);
  takeMarked(exact, queryMarks, keyMarks, scores);
}

@inline
function anyMarked(marks: usize, count: usize): bool {
  let any: i32 = 0;
  for (let i: usize = 0; i < count << 2; i += 4) any |= load<i32>(marks + i);
  return any != 0;
}

/** Takes the exact scores of marked rows and columns, and leaves the others, so that no pair's score depends on other pairs. */
function takeMarked(exact: usize, queryMarks: usize, keyMarks: usize, scores: usize): void {
  for (let r: usize = 0; r < <usize>PANEL_QUERIES; r++) {
    const ofRow = v128.load32_splat(queryMarks + (r << 2));
    const line: usize = r * SCORE_ROW;
    for (let i: usize = 0; i < <usize>PANEL_KEYS << 2; i += 16) {
      const marked = v128.or(ofRow, v128.load(keyMarks + i));
      v128.store(scores + line + i, v128.bitselect(v128.load(exact + line + i), v128.load(scores + line + i), marked));
    }
  }
}
