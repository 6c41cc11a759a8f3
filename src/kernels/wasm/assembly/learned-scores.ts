import { Call } from "./call";
import { PANEL_KEYS, PANEL_QUERIES, QUERY_ROW, SCORE_ROW } from "./generated/layout";
import { scoresTile } from "./generated/micro";
import { Lane } from "./lane";
import { panelEnd, panelStart } from "./mask";
import { tokenAt } from "./pack";

/** Scores of a layer that has learned them, or what makes queries of q. */

/** Makes `relu(W q)` of `rows` rows of q in the lane. */
export function projectQueries(call: usize, lane: usize, rows: i32): void {
  const d = Call.d(call);
  const panelBytes: usize = <usize>(d * PANEL_KEYS) << 2;
  let panel = Call.projection(call);
  for (let column = 0; column < d; column += PANEL_KEYS) {
    for (let r = 0; r < rows; r += PANEL_QUERIES) {
      const row: usize = <usize>r * QUERY_ROW;
      scoresTile(rows - r, Lane.queries(lane) + row, panel, PANEL_KEYS << 2, Lane.projected(lane) + row + (<usize>column << 2), QUERY_ROW, d);
    }
    panel += panelBytes;
  }
  const zero = f32x4.splat(0);
  for (let r = 0; r < rows; r++) {
    const row: usize = <usize>r * QUERY_ROW;
    for (let i: usize = row; i < row + (<usize>d << 2); i += 16) {
      // NaN remains: a query that is not a number has no scores.
      v128.store(Lane.queries(lane) + i, f32x4.pmax(v128.load(Lane.projected(lane) + i), zero));
    }
  }
}

/** Finds where the scores of each of `rows` rows are, entries of a list from `start` on. */
export function findScores(call: usize, lane: usize, list: usize, start: i32, rows: i32): void {
  for (let r = 0; r < rows; r++) {
    store<u32>(Lane.rowPlaces(lane) + (<usize>r << 2), <u32>(Call.k(call) + tokenAt(list, start + r) * Call.tableRow(call)));
  }
}

/** Reads the scores of a tile, whose column 0 is key `origin`, in the unit of scores; up to seven more beside what is attended. */
export function readScores(call: usize, lane: usize, rows: i32, origin: i32): void {
  const factor = f32x4.splat(Call.factor(call));
  for (let r = 0; r < rows; r++) {
    const panel = r / PANEL_QUERIES;
    const start: usize = <usize>(panelStart(lane, panel) & ~7) << 2;
    const end: usize = <usize>((panelEnd(lane, panel) + 7) & ~7) << 2;
    const from: usize = <usize>load<u32>(Lane.rowPlaces(lane) + (<usize>r << 2)) + (<usize>origin << 2);
    const to = Lane.scores(lane) + <usize>r * SCORE_ROW;
    for (let i = start; i < end; i += 32) {
      const a = f32x4.mul(v128.load(from + i, 0), factor);
      const b = f32x4.mul(v128.load(from + i, 16), factor);
      v128.store(to + i, a, 0);
      v128.store(to + i, b, 16);
    }
  }
}
