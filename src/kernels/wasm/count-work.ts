import { FLOAT_BYTES, type Shape } from "../../core/shape.ts";
import type { Forms } from "../../pairwise/forms.ts";
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

/** Operations of turning so many rows of q and k. */
export function turningFlops(rows: number, headDim: number): number {
  return 3 * headDim * rows;
}

/** Biases are added to so many scores at once. */
const BIASES = 8;

/**
 * What the tile kernel does: scores by panels of queries and keys that are attended at all, values by the
 * key; biases by the vector, and turns of rows of q by the group that reads them.
 */
export function softmaxWork(
  schedule: Schedule,
  { queries, headDim, valueDim }: Shape,
  panelKeys: number,
  { bias, turn }: Pick<Forms, "bias" | "turn">,
): HeadWork {
  const width = Math.ceil(valueDim / panelKeys) * panelKeys;
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
        flops += 2 * panelRows(rows.count - row) * (panels * panelKeys * headDim + (to - from) * width);
        if (bias === undefined) continue;
        const vectors = Math.ceil((origin + to) / BIASES) - Math.floor((origin + from) / BIASES);
        flops += Math.min(PANEL_QUERIES, rows.count - row) * vectors * BIASES;
      }
    }
  });
  if (turn !== undefined) flops += turningFlops(queriesRead, headDim);
  const bytes = FLOAT_BYTES * (headDim * (queriesRead + keysRead) + valueDim * (keysRead + queries));
  return { flops, bytes };
}

/** The keys that any of these rows attends, from the first to the last. */
function hull(spans: Uint32Array): readonly [from: number, to: number] {
  let from = 0xffff;
  let to = 0;
  for (const span of spans) {
    if ((span & 0xffff) >= span >>> 16) continue;
    from = Math.min(from, span & 0xffff);
    to = Math.max(to, span >>> 16);
  }
  return [from, to];
}
