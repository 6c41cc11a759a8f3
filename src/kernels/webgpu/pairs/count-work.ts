import { ITEM_WORDS, NONE, type PairsPlan, PLAN_TASK_WORDS } from "./plan.ts";
import { hullOf } from "./tile-masks.ts";
import { columnsOf, SQUARE, TILE_ROWS, type TileSize } from "./tile-size.ts";

/** Pairs that a plan computes for one head: squares of scores are skipped, and so are values in stretches of keys. */
export interface PlannedPairs {
  readonly scores: number;
  readonly values: number;
}

/** Counts what is not skipped of every tile; `staged` keys are skipped together. */
export function plannedPairs({ sections }: PairsPlan, size: TileSize, staged: number): PlannedPairs {
  const { items, tasks, masks } = sections;
  const pairs = { scores: 0, values: 0 };
  for (let item = 0; item < items.length; item += ITEM_WORDS) {
    const [, , rows, from, to, keyFrom, keyTo] = items.subarray(item, item + ITEM_WORDS);
    for (let task = from; task < to; task++) {
      const [, , count, mask] = tasks.subarray(task * PLAN_TASK_WORDS, (task + 1) * PLAN_TASK_WORDS);
      const end = Math.min(count, keyTo);
      for (let half = 0; half * SQUARE < Math.min(rows, TILE_ROWS); half++) {
        if (mask === NONE) {
          add(pairs, [0, size.keys], staged, Math.floor((end - keyFrom) / size.keys));
          add(pairs, [0, (end - keyFrom) % size.keys], staged, 1);
        } else add(pairs, hullOf(masks[mask], half), staged, 1);
      }
    }
  }
  return pairs;
}

function add(
  pairs: { scores: number; values: number },
  [from, to]: readonly [number, number],
  staged: number,
  times: number,
): void {
  if (from >= to) return;
  const squares = Math.ceil(to / SQUARE) - Math.floor(from / SQUARE);
  pairs.scores += times * squares * SQUARE ** 2;
  pairs.values += times * (Math.ceil(to / staged) - Math.floor(from / staged)) * staged * SQUARE;
}

/** Operations of a pair's score and value, whole chunks of channels and whole blocks of columns counted. */
export function pairFlops(headDim: number, valueDim: number, size: TileSize, biased: boolean) {
  const { slabs, blocks } = columnsOf(valueDim, size);
  const channels = Math.ceil(headDim / size.channels) * size.channels;
  return {
    score: slabs * (2 * channels + (biased ? 1 : 0)),
    value: slabs * 2 * blocks * size.keys,
  };
}
