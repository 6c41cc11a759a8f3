import type { Shape } from "../../../core/shape.ts";
import { ITEM_WORDS, NONE, type PairsPlan, PLAN_TASK_WORDS } from "./plan.ts";
import { hullOf } from "./tile-masks.ts";
import { columnsOf, SQUARE, TILE_ROWS, type TileSize } from "./tile-size.ts";

/**
 * Pairs that a plan computes for one head: scores by squares, and values by 32 rows and as many keys as a thread
 * skips together.
 */
export interface PlannedPairs {
  readonly scores: number;
  readonly values: number;
}

/** Counts what is not skipped of every tile, values being skipped `stretch` keys at a time. */
export function plannedPairs({ sections }: PairsPlan, { keys }: TileSize, stretch: number): PlannedPairs {
  const { items, tasks, masks } = sections;
  const pairs = { scores: 0, values: 0 };
  const add = (from: number, to: number, times: number): void => {
    const stretches = (length: number): number =>
      from < to ? Math.ceil(to / length) - Math.floor(from / length) : 0;
    pairs.scores += times * stretches(SQUARE) * SQUARE ** 2;
    pairs.values += times * stretches(stretch) * stretch * SQUARE;
  };
  for (let item = 0; item < items.length; item += ITEM_WORDS) {
    const [, , rows, firstTask, endTask, keyFrom, keyTo] = items.subarray(item, item + ITEM_WORDS);
    for (let task = firstTask; task < endTask; task++) {
      const [, , count, mask] = tasks.subarray(task * PLAN_TASK_WORDS, (task + 1) * PLAN_TASK_WORDS);
      const length = Math.min(count, keyTo) - keyFrom;
      for (let half = 0; half * SQUARE < Math.min(rows, TILE_ROWS); half++) {
        if (mask === NONE) {
          add(0, keys, Math.floor(length / keys));
          add(0, length % keys, 1);
        } else add(...hullOf(masks[mask], half), 1);
      }
    }
  }
  return pairs;
}

/** What is counted of a call besides its plans. */
export interface CountedShape {
  readonly shape: Shape;
  readonly size: TileSize;
  readonly turned: boolean;
  readonly biased: boolean;
}

/**
 * Operations of a call, whole chunks of channels and whole blocks of columns counted, and rows that are turned
 * and parts that are joined; no exponentials.
 */
export function executedFlops(
  planned: ReadonlyArray<{ readonly plan: PairsPlan; readonly slices: readonly number[] }>,
  { shape, size, turned, biased }: CountedShape,
): number {
  const { batch, heads, kvHeads, queries, length, headDim, valueDim } = shape;
  const { slabs, blocks, columns, keys } = columnsOf(valueDim, size);
  const channels = Math.ceil(headDim / size.channels) * size.channels;
  const perScore = slabs * (2 * channels + (biased ? 1 : 0));
  const perValue = slabs * blocks * 2 * columns;
  const turning = turned ? 3 * headDim * batch * (heads * queries + kvHeads * length) : 0;
  return planned.reduce((sum, { plan, slices }) => {
    const { scores, values } = plannedPairs(plan, size, keys);
    return sum + slices.length * (scores * perScore + values * perValue + 2 * plan.parts * valueDim);
  }, turning);
}
