import { type BoundPattern, rowsOf } from "../../../core/pattern.ts";
import { remembered } from "../../../core/remembered.ts";
import { compileSchedule } from "../../compile-schedule.ts";
import { FULL } from "../../schedule.ts";
import type { Entries } from "../../schedule-writer.ts";
import { tokensOf } from "../../walk-schedule.ts";
import { type Cut, cutTasks, tilesOf } from "./cut-tasks.ts";
import { SQUARE, TILE_ROWS, type TileSize } from "./tile-size.ts";
import { type TileTask, TileTasks } from "./tile-tasks.ts";

/** Instead of a place: the output itself, in the place of a part; or all tokens, in the place of a list. */
export const NONE = 0xffffffff;

/**
 * Words of an item, which is what one workgroup does: query rows (first, list, count, the last at most 64), tasks
 * `from … to - 1`, keys of the only task (from, and the one after the last) where it was cut, and the first of
 * its parts, or `NONE` if it writes the output.
 */
export const ITEM_WORDS = 8;
/**
 * Words of a task: keys (first, list, count), and where its mask begins, or `NONE` if every row attends all of
 * them.
 */
export const PLAN_TASK_WORDS = 4;
/** Words of a row that is joined of parts: its token, and where its parts begin and end in their list. */
const JOINED_WORDS = 3;

/**
 * What a device does for all heads of one pattern. Its words are sections of a storage buffer, each from a place on:
 * `items`, the longest first; `tasks`; `tokens`, lists of them; `masks`, as `TileMasks` has them; `joined` rows and the
 * `parts` that each is joined of.
 */
export interface PairsPlan {
  readonly sections: Readonly<Record<Section, Uint32Array>>;
  readonly items: number;
  readonly joinedRows: number;
  /** Parts of rows, of one head. */
  readonly parts: number;
}

export const SECTIONS = ["items", "tasks", "tokens", "masks", "joined", "parts"] as const;
export type Section = (typeof SECTIONS)[number];

/** A group of rows, whose tasks are one after the other in the plan, cut into what a workgroup does. */
interface PlannedGroup {
  readonly rows: Entries;
  readonly cuts: readonly Cut[];
}

/** Tiles of an item at least, where its keys are cut at all: a part is written, and read again. */
const LEAST_TILES = 2;

/**
 * Plans a pattern; where it has fewer groups of rows than `wanted`, long lists of keys are cut, so that there are
 * about as many items.
 */
export function planPairs(pattern: BoundPattern, size: TileSize, wanted: number): PairsPlan {
  const schedule = compileSchedule(pattern, { queries: TILE_ROWS, keys: size.keys, rows: SQUARE });
  const tiled = new TileTasks(schedule, size);
  const groups = tiled.groups();
  const all = groups.reduce((sum, { tasks }) => sum + tilesOf(tasks, size.keys), 0);
  const most = Math.max(LEAST_TILES, Math.ceil(all / wanted));
  const tasks: TileTask[] = [];
  const cutGroups = groups.map((group): PlannedGroup => {
    const first = tasks.length;
    for (const task of group.tasks) tasks.push(task);
    return { rows: group.rows, cuts: cutTasks(group.tasks, first, size.keys, most) };
  });
  const joining = joinRows(cutGroups, tiled.tokens, rowsOf(pattern));
  return {
    sections: {
      items: joining.items,
      tasks: Uint32Array.from(
        tasks.flatMap(({ first, list, count, mask }) => [first, list, count, mask === FULL ? NONE : mask]),
      ),
      tokens: Uint32Array.from(tiled.tokens),
      masks: tiled.masks,
      joined: joining.joined,
      parts: joining.list,
    },
    items: joining.items.length / ITEM_WORDS,
    joinedRows: joining.joined.length / JOINED_WORDS,
    parts: joining.parts,
  };
}

/** Writes groups as items: those whose rows are in no other write the output, others a part of each row. */
function joinRows(groups: readonly PlannedGroup[], tokens: Int32Array, rows: number) {
  const times = new Uint32Array(rows);
  const inGroup = ({ rows: entries }: PlannedGroup) => tokensOf(tokens, entries);
  for (const group of groups) {
    const { count, token } = inGroup(group);
    for (let at = 0; at < count; at++) times[token(at)] += group.cuts.length;
  }
  const partsOf = new Map<number, number[]>();
  for (let row = 0; row < rows; row++) if (times[row] !== 1) partsOf.set(row, []);
  const items: { tiles: number; words: readonly number[] }[] = [];
  let parts = 0;
  for (const group of groups) {
    const { first, list, count } = group.rows;
    const { token } = inGroup(group);
    const alone = Array.from({ length: count }, (_, at) => times[token(at)]).every((one) => one === 1);
    for (const { from, to, keyFrom, keyTo, tiles } of group.cuts) {
      items.push({ tiles, words: [first, list, count, from, to, keyFrom, keyTo, alone ? NONE : parts] });
      if (alone) continue;
      for (let at = 0; at < count; at++) {
        const row = token(at);
        remembered(partsOf, row, () => []).push(parts + at);
      }
      parts += count;
    }
  }
  const joined: number[] = [];
  const partList: number[] = [];
  for (const [row, own] of partsOf) {
    joined.push(row, partList.length, partList.length + own.length);
    for (const part of own) partList.push(part);
  }
  items.sort((a, b) => b.tiles - a.tiles);
  return {
    items: Uint32Array.from(items.flatMap(({ words }) => words)),
    joined: Uint32Array.from(joined),
    list: Uint32Array.from(partList),
    parts,
  };
}
