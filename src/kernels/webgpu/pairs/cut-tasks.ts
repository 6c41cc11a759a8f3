import type { TileTask } from "./tile-tasks.ts";

/** What a workgroup does of the tasks of its rows. */
export interface Cut {
  /** Tasks `from … to - 1` of the plan. */
  readonly from: number;
  readonly to: number;
  /** Of the only task these keys alone: `keyFrom … keyTo - 1`. */
  readonly keyFrom: number;
  readonly keyTo: number;
  readonly tiles: number;
}

/** Keys of a task that is not cut: more than any has. */
const ALL_KEYS = 0xffffffff;

/** Tiles of so many keys that these tasks have. */
export function tilesOf(tasks: readonly TileTask[], keys: number): number {
  return tasks.reduce((sum, { count }) => sum + Math.ceil(count / keys), 0);
}

/**
 * Cuts the tasks of a group of rows, the first of which is task `first` of the plan, into pieces of about equal
 * size and at most `most` tiles. Nothing is left of a group without tasks.
 */
export function cutTasks(tasks: readonly TileTask[], first: number, keys: number, most: number): Cut[] {
  const all = tilesOf(tasks, keys);
  if (all === 0) return [];
  const each = Math.ceil(all / Math.ceil(all / most));
  const cuts: Cut[] = [];
  let [from, tiles] = [first, 0];
  const flush = (to: number): void => {
    if (tiles > 0) cuts.push({ from, to, keyFrom: 0, keyTo: ALL_KEYS, tiles });
    [from, tiles] = [to, 0];
  };
  for (const [index, { count }] of tasks.entries()) {
    const task = first + index;
    const own = Math.ceil(count / keys);
    if (tiles + own > each) flush(task);
    if (own <= each) {
      tiles += own;
      continue;
    }
    for (let tile = 0; tile < own; tile += each) {
      const keyTo = Math.min(count, (tile + each) * keys);
      cuts.push({ from: task, to: task + 1, keyFrom: tile * keys, keyTo, tiles: Math.min(each, own - tile) });
    }
    from = task + 1;
  }
  flush(first + tasks.length);
  return cuts;
}
