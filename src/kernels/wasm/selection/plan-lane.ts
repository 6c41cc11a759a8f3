import type { LaneWords, ScratchPlan } from "../call.ts";
import { PANEL_QUERIES, PARTS, QUERY_ROW, SCORE_ROW, TILE } from "../layout.ts";
import { bestWords, CHOSEN_ROWS } from "./layout.ts";
import type { Sizes } from "./sizes.ts";

/** Words behind the scores of a row of keys, up to whole vectors. */
const BEHIND_SCORES = 15;

/** A lane's words, each as the module needs it, and where it counts. */
export type SelectionLane = LaneWords & { readonly counted: number };

/** Scratch of one thread, which brings `together` rows into the order of blocks. */
export function planLane(plan: ScratchPlan, sizes: Sizes, width: number, together: number): SelectionLane {
  const { rule, most, blocks } = sizes;
  const tile = (TILE.queries * SCORE_ROW) / 4;
  const byBlock = rule === "topK" ? 0 : 1;
  return {
    queries: plan.words((TILE.queries * QUERY_ROW) / 4),
    queryRows: plan.words(rule === "quest" ? (TILE.queries * QUERY_ROW) / 4 : 0),
    scores: plan.words(Math.max(tile, rule === "topK" ? CHOSEN_ROWS * (most + BEHIND_SCORES) : 0)),
    output: plan.words(TILE.queries * width),
    maximum: plan.words(TILE.queries),
    total: plan.words(TILE.queries),
    spans: plan.words((2 * TILE.queries) / PANEL_QUERIES),
    floors: plan.words(PANEL_QUERIES),
    parts: plan.words(PARTS),
    scratch: plan.words(8),
    best: plan.words(TILE.queries * bestWords(most)),
    order: plan.words(byBlock * together * most),
    starts: plan.words(byBlock * (blocks + 2)),
    rowSpans: plan.words(2 * TILE.queries),
    tileSpans: plan.words(TILE.queries),
    counted: plan.words(4),
  };
}
