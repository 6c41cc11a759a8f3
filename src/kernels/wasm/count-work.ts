import { FLOAT_BYTES, type Shape } from "../../core/shape.ts";
import type { Forms } from "../../pairwise/forms.ts";
import type { Score } from "../../pairwise/score.ts";
import { FULL, type Schedule, TASK_WORDS } from "../schedule.ts";
import { forEachGroup } from "../walk-schedule.ts";
import { PANEL_QUERIES, panelRows, TILE } from "./layout.ts";

/**
 * Operations of one head, with whole panels counted, and bytes of q, k, v and out that it reads and writes.
 */
export interface HeadWork {
  readonly flops: number;
  readonly bytes: number;
}

/**
 * Operations of so many rows of q or k by themselves: turning one is 3·d, and what a split score makes of one
 * is 2·d. Powers are not counted, as no exponential is.
 */
export function rowFlops(
  rows: number,
  headDim: number,
  { turn, score }: Pick<Forms, "turn" | "score">,
): number {
  const perRow = (turn === undefined ? 0 : 3 * headDim) + (score?.kind === "split" ? 2 * headDim : 0);
  return perRow * rows;
}

/**
 * Operations of one score. Of tanh by powers, a multiplication and an addition for each channel, and six more
 * for two of them; of a leaky rectifier two and two, and none for its comparison.
 */
function scoreFlops(score: Score | undefined, headDim: number): number {
  switch (score?.kind) {
    case undefined:
      return 2 * headDim;
    case "tanh":
      return 5 * headDim;
    case "leaky":
      return 4 * headDim;
    case "split":
      return 4;
    default:
      return score satisfies never;
  }
}

/** Biases are added to so many scores at once. */
export const BIASES = 8;

/**
 * What the tile kernel does: scores by panels of queries and keys that are attended at all, values by the
 * key; biases by the vector, and what is done to rows of q by the group that reads them.
 */
export function softmaxWork(
  schedule: Schedule,
  { queries, headDim, valueDim }: Shape,
  panelKeys: number,
  { score, bias, turn }: Pick<Forms, "score" | "bias" | "turn">,
): HeadWork {
  const width = Math.ceil(valueDim / panelKeys) * panelKeys;
  const perScore = scoreFlops(score, headDim);
  const { tasks, masks } = schedule;
  let flops = 0;
  let queriesRead = 0;
  let keysRead = 0;
  forEachGroup(tasks, TILE.queries, (rows, first, end) => {
    queriesRead += rows.count;
    for (let task = first; task < end; task += TASK_WORDS) {
      const [origin, , keyCount, mask] = tasks.subarray(task + 3, task + 7);
      keysRead += keyCount;
      for (let row = 0; row < rows.count; row += PANEL_QUERIES) {
        const spans = masks.subarray(mask + row, mask + Math.min(rows.count, row + PANEL_QUERIES));
        const [from, to] = mask === FULL ? [0, keyCount] : hull(spans);
        if (from >= to) continue;
        const panels = Math.ceil((origin + to) / panelKeys) - Math.floor((origin + from) / panelKeys);
        flops += panelRows(rows.count - row) * (panels * panelKeys * perScore + 2 * (to - from) * width);
        if (bias === undefined) continue;
        const vectors = Math.ceil((origin + to) / BIASES) - Math.floor((origin + from) / BIASES);
        flops += Math.min(PANEL_QUERIES, rows.count - row) * vectors * BIASES;
      }
    }
  });
  flops += rowFlops(queriesRead, headDim, { turn, score });
  const bytes = FLOAT_BYTES * (headDim * (queriesRead + keysRead) + valueDim * (keysRead + queries));
  return { flops, bytes };
}

/** The keys that any of these rows attends, from the first to the last. */
export function hull(spans: Uint32Array): readonly [from: number, to: number] {
  let from = 0xffff;
  let to = 0;
  for (const span of spans) {
    if ((span & 0xffff) >= span >>> 16) continue;
    from = Math.min(from, span & 0xffff);
    to = Math.max(to, span >>> 16);
  }
  return [from, to];
}
