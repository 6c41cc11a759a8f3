import { CLOSES_ROWS, IN_ORDER, type Schedule, TASK_WORDS } from "../../schedule.ts";
import { PANEL_QUERIES, TILE } from "../layout.ts";
import { GRADIENT_ROWS, IN_PLACE, KEY_BLOCK, UNTOUCHED } from "./layout.ts";

/** Rows that are open together: the task that opens them, in words, the first of them counted from there, and how many. */
export interface Group {
  readonly task: number;
  readonly row: number;
  readonly rows: number;
  /** Where its tasks end, in words. */
  readonly end: number;
  /** Keys that it reads, and pairs that it computes, approximately. */
  readonly keys: number;
  readonly pairs: number;
}

/** The groups of each pass. */
export function groupsOf({ tasks, passStarts }: Schedule): readonly (readonly Group[])[] {
  return passStarts.map((start, pass) => {
    const groups: Group[] = [];
    const passEnd = passStarts[pass + 1] ?? tasks.length;
    for (let task = start, end = start; task < passEnd; task = end) {
      let keys = 0;
      do {
        keys += tasks[end + 5];
        end += TASK_WORDS;
      } while ((tasks[end - 1] & CLOSES_ROWS) === 0);
      const rows = tasks[task + 2];
      for (const [row, rowEnd] of openedTogether(rows)) {
        const here = rowEnd - row;
        groups.push({ task, row, rows: here, end, keys, pairs: keys * here });
      }
    }
    return groups;
  });
}

/** Rows that are enough for so many groups are cut into a multiple of as many, so that threads share them evenly. */
const EVEN_GROUPS = 8;

/**
 * Rows of a task that are open at the same time: those of a tile, and of more, which are in no task with a mask, as many as there
 * is room for or fewer, so that all groups have as many whole panels as any other, or one less.
 */
function openedTogether(rows: number): (readonly [from: number, to: number])[] {
  if (rows <= TILE.queries) return [[0, rows]];
  const least = Math.ceil(rows / GRADIENT_ROWS);
  const isEnough = rows >= EVEN_GROUPS * TILE.queries;
  const groups = isEnough ? Math.ceil(least / EVEN_GROUPS) * EVEN_GROUPS : least;
  const panels = Math.ceil(rows / PANEL_QUERIES);
  const startOf = (group: number): number =>
    Math.min(rows, Math.ceil((group * panels) / groups) * PANEL_QUERIES);
  return Array.from({ length: groups }, (_, group) => [startOf(group), startOf(group + 1)]);
}

/** What sums of keys cost. */
export interface SumCosts {
  /** Operations of a pair. */
  readonly pairFlops: number;
  /** Numbers of a key's sums. */
  readonly keyFloats: number;
  /** Whether a segment may sum where the gradients are to be, if none before it touches the block. */
  readonly inPlace: boolean;
}

/** A schedule's groups in segments, each with sums of its own. */
export interface Segments {
  readonly count: number;
  /** Where the groups of each segment end, for each pass. */
  readonly ends: readonly (readonly number[])[];
  /** Where each segment keeps the sums of each block of keys, `[count, blocks]`: the number of a block of sums. */
  readonly tables: Int32Array;
  readonly blocks: number;
  /** Blocks of sums that there must be room for. */
  readonly slots: number;
}

/** Numbers of segments, of which the largest is taken that does not cost too much: two threads, and more, share them evenly. */
const COUNTS = [16, 8, 4, 2, 1] as const;

/** Operations in whose time one more number is cleared, added to and joined, and how much of a call that may take. */
const NUMBER_FLOPS = 32;
const MOST_SHARE = 0.05;

/** Cuts groups into segments of about as many pairs, the same ones whatever the number of threads. */
export function segmentsOf(
  schedule: Schedule,
  groups: readonly (readonly Group[])[],
  length: number,
  costs: SumCosts,
): Segments {
  const pairs = groups.flat().reduce((sum, group) => sum + group.pairs, 0);
  return mostSegments((count) => cutInto(count, schedule, groups, length, costs.inPlace), pairs, costs);
}

/** As many segments as do not cost too much beside so many pairs. */
export function mostSegments<Cut extends Pick<Segments, "slots">>(
  cutInto: (count: number) => Cut,
  pairs: number,
  costs: SumCosts,
): Cut {
  const one = cutInto(1);
  for (const count of COUNTS) {
    const cut = count === 1 ? one : cutInto(count);
    const more = (cut.slots - one.slots) * KEY_BLOCK * costs.keyFloats;
    if (more * NUMBER_FLOPS <= MOST_SHARE * pairs * costs.pairFlops) return cut;
  }
  return one;
}

function cutInto(
  count: number,
  schedule: Schedule,
  passes: readonly (readonly Group[])[],
  length: number,
  inPlace: boolean,
): Segments {
  const ends = passes.map((groups) => endsOf(groups, count));
  const blocks = Math.ceil(length / KEY_BLOCK);
  const tables = new Int32Array(count * blocks).fill(UNTOUCHED);
  const taken = new Uint8Array(blocks);
  let slots = 0;
  for (let segment = 0; segment < count; segment++) {
    const table = tables.subarray(segment * blocks, (segment + 1) * blocks);
    for (const [pass, groups] of passes.entries()) {
      const own = groups.slice(ends[pass][segment - 1] ?? 0, ends[pass][segment]);
      for (const group of own) touch(schedule, group, table);
    }
    for (let block = 0; block < blocks; block++) {
      if (table[block] === UNTOUCHED) continue;
      table[block] = inPlace && taken[block] === 0 ? IN_PLACE : slots++;
      taken[block] = 1;
    }
  }
  return { count, ends, tables, blocks, slots };
}

/** Where each of `count` segments of about as many pairs ends. */
function endsOf(groups: readonly Group[], count: number): readonly number[] {
  const total = groups.reduce((sum, { pairs }) => sum + pairs, 0);
  const ends: number[] = [];
  let before = 0;
  let at = 0;
  for (let segment = 1; segment <= count; segment++) {
    while (
      at < groups.length &&
      (segment === count || before + groups[at].pairs / 2 <= (total * segment) / count)
    )
      before += groups[at++].pairs;
    ends.push(at);
  }
  return ends;
}

/** Marks the blocks of the keys that a group attends. */
function touch({ tasks, tokens }: Schedule, { task, end }: Group, table: Int32Array): void {
  for (let at = task; at < end; at += TASK_WORDS) {
    const [first, list, count] = [tasks[at + 3], tasks[at + 4], tasks[at + 5]];
    if (list === IN_ORDER) {
      if (count === 0) continue;
      table.fill(0, Math.floor(first / KEY_BLOCK), Math.floor((first + count - 1) / KEY_BLOCK) + 1);
    } else
      for (let key = first; key < first + count; key++) table[Math.floor(tokens[list + key] / KEY_BLOCK)] = 0;
  }
}
