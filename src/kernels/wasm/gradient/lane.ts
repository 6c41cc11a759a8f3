import type { LaneWords, ScratchPlan } from "../call.ts";
import { PANEL_KEYS, PANEL_QUERIES, QUERY_ROW, SCORE_ROW, TILE } from "../layout.ts";
import { GRADIENT_ROWS } from "./layout.ts";

/** Floats of rows: of q and k, of v, and of the sums of both, which are whole panels. */
export interface RowWidths {
  readonly headDim: number;
  readonly valueDim: number;
  readonly keyWidth: number;
  readonly width: number;
}

const FLOAT = 4;

/** Scratch of one thread that computes gradients in tiles. */
export function gradientLane(
  plan: ScratchPlan,
  { headDim, valueDim, keyWidth, width }: RowWidths,
  { turns = false, biased = false, refines = false } = {},
): LaneWords {
  const scores = (GRADIENT_ROWS * SCORE_ROW) / FLOAT;
  const rows = (GRADIENT_ROWS * QUERY_ROW) / FLOAT;
  return {
    queries: plan.words(rows),
    douts: plan.words(rows),
    scores: plan.words(scores),
    products: plan.words(scores),
    output: plan.words(GRADIENT_ROWS * keyWidth),
    maximum: plan.words(GRADIENT_ROWS),
    total: plan.words(GRADIENT_ROWS),
    means: plan.words(GRADIENT_ROWS),
    spans: plan.words((2 * GRADIENT_ROWS) / PANEL_QUERIES),
    floors: plan.words(PANEL_QUERIES),
    keySums: plan.words(PANEL_QUERIES * Math.max(keyWidth, width)),
    classKeys: plan.words(TILE.columns * headDim),
    classValues: plan.words(TILE.columns * valueDim),
    keyRows: plan.words(TILE.columns * headDim),
    turned: plan.words(turns ? (PANEL_KEYS.wide * QUERY_ROW) / FLOAT : 0),
    rowPlaces: plan.words(biased ? GRADIENT_ROWS : 0),
    keyPlaces: plan.words(biased ? TILE.columns : 0),
    // Two float64 a row.
    parts: plan.words(refines ? 4 * GRADIENT_ROWS : 0),
  };
}
