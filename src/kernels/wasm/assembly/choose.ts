import { clearBest, finishBest, rowBytesFor, takeBest } from "./best";
import { Call } from "./call";
import { COLUMNS, PANEL_KEYS, PANEL_QUERIES, QUERIES, QUERY_ROW, RULE_quest, SCORE_ROW } from "./generated/layout";
import { addScoresTile, scoresTile } from "./generated/micro";
import { Lane } from "./lane";
import { copyListed } from "./pack";
import { ownBound, splitSigns } from "./page-bounds";
import { countFloats, countFlops, countProducts } from "./select-count";
import { blockOf, choosesOwn, endOfCandidates, firstCandidate, Selection, skippedBlock, tokenOf } from "./select-words";

/**
 * Chooses for rows `from … to-1`: their queries against all candidates, tile by tile, of which each row keeps its best.
 */
export function chooseRows(call: usize, lane: usize, from: i32, to: i32): void {
  for (let first = from; first < to; first += QUERIES) chooseGroup(call, lane, first, min(QUERIES, to - first));
}

function chooseGroup(call: usize, lane: usize, first: i32, rows: i32): void {
  const d = Call.d(call);
  copyListed(0, first, rows, Call.q(call), <usize>d << 2, Lane.queries(lane), QUERY_ROW);
  countFloats(lane, rows * d);
  const bounds = Selection.rule(call) == RULE_quest;
  if (bounds) splitSigns(Lane.queries(lane), rows, d, Lane.queryRows(lane));
  const most = Selection.most(call);
  for (let r = 0; r < rows; r++) clearBest(bestOf(lane, r, most));
  const low = firstCandidate(call);
  const end = endOfCandidates(call, first + rows - 1);
  if (most > 0) {
    for (let column = 0; column < end; column += COLUMNS) {
      const columns = min(COLUMNS, end - column);
      scoreCandidates(call, lane, rows, column, columns);
      for (let r = 0; r < rows; r++) {
        const row = first + r;
        const high = min(endOfCandidates(call, row) - column, columns);
        takeRow(call, lane, r, column, max(0, low - column), high, skippedBlock(call, row) - column);
      }
    }
  }
  for (let r = 0; r < rows; r++) finishRow(call, lane, first + r, r);
}

/** Scores of the queries in the lane against candidates `column … column + columns - 1`, the first of which begins a panel. */
function scoreCandidates(call: usize, lane: usize, rows: i32, column: i32, columns: i32): void {
  const d = Call.d(call);
  const panelBytes: usize = <usize>(d * PANEL_KEYS) << 2;
  const more = Selection.moreCandidates(call);
  const panels = (columns + PANEL_KEYS - 1) / PANEL_KEYS;
  countProducts(lane, rows, (more == 0 ? 1 : 2) * panels * PANEL_KEYS * d);
  for (let c = 0; c < columns; c += PANEL_KEYS) {
    const at = <usize>((column + c) / PANEL_KEYS) * panelBytes;
    for (let r = 0; r < rows; r += PANEL_QUERIES) {
      const scores = Lane.scores(lane) + <usize>r * SCORE_ROW + (<usize>c << 2);
      const row: usize = <usize>r * QUERY_ROW;
      scoresTile(rows - r, Lane.queries(lane) + row, Selection.candidates(call) + at, PANEL_KEYS << 2, scores, SCORE_ROW, d);
      if (more != 0) addScoresTile(rows - r, Lane.queryRows(lane) + row, more + at, PANEL_KEYS << 2, scores, SCORE_ROW, d);
    }
  }
}

/** What row r of a group has of the best so far. */
@inline
function bestOf(lane: usize, r: i32, most: i32): usize { return Lane.best(lane) + <usize>r * rowBytesFor(most); }

/** Takes columns `from … to-1` of a tile into what row r has of the best, but for one. */
function takeRow(call: usize, lane: usize, r: i32, column: i32, from: i32, to: i32, skipped: i32): void {
  const most = Selection.most(call);
  const columns = Lane.scores(lane) + <usize>r * SCORE_ROW;
  const best = bestOf(lane, r, most);
  if (skipped >= from && skipped < to) {
    takeBest(columns, from, skipped, column, best, most);
    from = skipped + 1;
  }
  takeBest(columns, from, to, column, best, most);
}

/** The block under way comes last. */
function finishRow(call: usize, lane: usize, row: i32, r: i32): void {
  const most = Selection.most(call);
  const best = bestOf(lane, r, most);
  const token = tokenOf(call, row);
  if (choosesOwn(call) && token >= 0) {
    const own = blockOf(call, token);
    const query: usize = <usize>r * QUERY_ROW;
    countFlops(lane, 4 * <f64>Call.d(call));
    countFloats(lane, (token % Selection.block(call) + 1) * Call.d(call));
    const bound = Lane.scores(lane);
    store<f32>(bound, ownBound(call, Lane.queries(lane) + query, Lane.queryRows(lane) + query, own * Selection.block(call), token));
    takeBest(bound, 0, 1, own, best, most);
  }
  const list = Selection.choice(call, row);
  for (let n = finishBest(best, most, list); n < most; n++) store<i32>(list + (<usize>n << 2), -1);
}
