import { FLOAT_BYTES } from "../../core/shape.ts";
import type { LaneWords, ScratchPlan } from "./call.ts";
import {
  GROUP_ROWS,
  PANEL_KEYS,
  PANEL_QUERIES,
  PARTS,
  panelRows,
  QUERY_ROW,
  SCORE_ROW,
  TILE,
} from "./layout.ts";

/** Milliseconds of a second. */
export const SECONDS = 1000;

/** Bytes of a bit for each column of a tile. */
const ATTENDED_ROW = TILE.columns / 8;

/** What a lane needs for groups of tokens. */
interface GroupSizes {
  readonly headDim: number;
  readonly valueDim: number;
  readonly width: number;
  /** The most keys that are packed together, and numbers that tell what other groups have seen of each. */
  readonly span: number;
  readonly shown: number;
}

/** The scratch of a thread that attends within groups of tokens, and multiplies tokens with a tile's directions. */
export function groupLane(
  plan: ScratchPlan,
  { headDim, valueDim, width, span, shown }: GroupSizes,
): LaneWords {
  const keys = paddedKeys(Math.max(span, TILE.columns), PANEL_KEYS.wide);
  return {
    queries: plan.words((GROUP_ROWS * QUERY_ROW) / FLOAT_BYTES),
    scores: plan.words((GROUP_ROWS * SCORE_ROW) / FLOAT_BYTES),
    output: plan.words(GROUP_ROWS * width),
    maximum: plan.words(GROUP_ROWS),
    total: plan.words(GROUP_ROWS),
    floors: plan.words(PANEL_QUERIES + 2),
    parts: plan.words(PARTS),
    scratch: plan.words(8),
    classKeys: plan.words(keys * headDim),
    classValues: plan.words(keys * valueDim),
    // Room for the four rows of a tile in which the nearest directions are found.
    shown: plan.words(Math.max((4 * SCORE_ROW) / FLOAT_BYTES, shown * (keys + TILE.columns))),
    attended: plan.words((GROUP_ROWS * ATTENDED_ROW) / FLOAT_BYTES),
  };
}

/** Keys up to whole panels. */
export function paddedKeys(keys: number, panelKeys: number): number {
  return Math.ceil(keys / panelKeys) * panelKeys;
}

/** Items of so many tokens each. */
export function itemsOfTokens(kind: number, length: number, tokens: number): number[][] {
  const items: number[][] = [];
  for (let from = 0; from < length; from += tokens) items.push([kind, from, Math.min(length, from + tokens)]);
  return items;
}

/** Operations by which queries are multiplied with the factor of scores. */
export function groupFlops(rows: number, headDim: number): number {
  return rows * headDim;
}

/** Rows up to what panels of queries compute, `together` at a time. */
export function panelled(rows: number, together: number): number {
  const rest = rows % together;
  const whole = rest - (rest % PANEL_QUERIES);
  const last = rest > whole ? panelRows(rest - whole) : 0;
  return rows - rest + whole + last;
}
