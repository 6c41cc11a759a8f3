import { FLOAT_BYTES } from "../../core/shape.ts";
import { FULL, type Schedule, TASK_WORDS } from "../schedule.ts";
import { PANEL_QUERIES, TILE } from "./layout.ts";

/** Operations of one head, panels counted whole, and bytes of q, k, v and out that it reads and writes. */
export interface HeadWork {
  readonly flops: number;
  readonly bytes: number;
}

/** What the tile kernel does for a schedule: scores by panels of queries and keys that are attended at all, values by the key. */
export function softmaxWork(schedule: Schedule, length: number, headDim: number, panelKeys: number): HeadWork {
  const width = Math.ceil(headDim / panelKeys) * panelKeys;
  const { tasks, masks, rowsVisited, keysRead, passes } = schedule;
  let flops = 0;
  for (let at = 0; at < tasks.length; at += TASK_WORDS) {
    const [rows, keyStart, keyStep, keyCount, mask] = [at + 2, at + 3, at + 4, at + 5, at + 6].map((word) => tasks[word]);
    if (keyCount === 0) continue;
    const origin = Math.floor(keyStart / keyStep);
    /** Of one panel of queries over keys `from … to-1`. */
    const panelFlops = (from: number, to: number): number => {
      const panels = Math.ceil((origin + to) / panelKeys) - Math.floor((origin + from) / panelKeys);
      return 2 * PANEL_QUERIES * (panels * panelKeys * headDim + (to - from) * width);
    };
    if (mask === FULL) {
      // A group of more rows than a tile has is cut into tiles, each with panels of its own.
      const whole = Math.floor(rows / TILE.queries) * (TILE.queries / PANEL_QUERIES);
      const rest = Math.ceil((rows % TILE.queries) / PANEL_QUERIES);
      flops += (whole + rest) * panelFlops(0, keyCount);
      continue;
    }
    for (let first = 0; first < rows; first += PANEL_QUERIES) {
      const spans = [...masks.subarray(mask + first, mask + Math.min(rows, first + PANEL_QUERIES))]
        .map((span) => ({ from: span & 0xffff, to: span >>> 16 }))
        .filter(({ from, to }) => from < to);
      if (spans.length === 0) continue;
      flops += panelFlops(Math.min(...spans.map(({ from }) => from)), Math.max(...spans.map(({ to }) => to)));
    }
  }
  // Every query of a pass, every key packed in a pass, every value of a task, every output.
  return { flops, bytes: FLOAT_BYTES * headDim * (rowsVisited + passes * length + keysRead + length) };
}
