import { CLOSES_ROWS, IN_ORDER, type Schedule, TASK_WORDS } from "../../schedule.ts";
import type { RowsItem } from "../pairwise/items.ts";

/** An item of a head, counted over all batch entries, and the schedule that it is of. */
export interface HeadItem {
  readonly head: number;
  readonly schedule: Schedule;
  readonly item: RowsItem;
}

/** Keys `from … to - 1`. */
export interface KeyRange {
  readonly from: number;
  readonly to: number;
}

/** A part of the queries that share a head of keys: by passes what is done one after the other, and the keys that it meets. */
export interface Segment {
  readonly passes: readonly (readonly HeadItem[])[];
  /** null if it meets none. */
  readonly keys: KeyRange | null;
}

/** So many units of all heads together give threads enough to choose from. */
const ENOUGH = 16;
/** Pairs to a key whose sums are cleared, and read once more: fewer would take more than some hundredths of the time. */
const PAIRS_PER_SUM = 256;
/** All sums of a head of keys are at most so many rows, and so many times as many as there are keys. */
const MOST_SUMS = { rows: 65_536, times: 4 } as const;

/**
 * Cuts the items of each head of keys into segments of about equal work, each of which has sums of its own, so that threads
 * never add to the same one. That depends on the call alone and not on its threads, and so no bit does either.
 */
export function cutSegments(
  groups: readonly (readonly (readonly HeadItem[])[])[],
  length: number,
): Segment[][] {
  const ranges = new KeyRanges();
  return groups.map((passes) => {
    const pairs = passes.flat().reduce((sum, one) => sum + pairsOf(one), 0);
    const most = Math.min(pairs / PAIRS_PER_SUM, MOST_SUMS.times * length + MOST_SUMS.rows);
    for (let count = Math.ceil(ENOUGH / groups.length); ; count = Math.ceil(count / 2)) {
      const segments = cut(passes, count, ranges);
      const sums = segments.reduce((sum, { keys }) => sum + (keys === null ? 0 : keys.to - keys.from), 0);
      if (count === 1 || sums <= most) return segments;
    }
  });
}

/** Pairs of an item, as if all its rows attended all keys of its tasks. */
export function pairsOf({ item }: HeadItem): number {
  return item.keys * item.rows;
}

function cut(passes: readonly (readonly HeadItem[])[], count: number, ranges: KeyRanges): Segment[] {
  const cutPasses = passes.map((items) => {
    const total = items.reduce((sum, one) => sum + pairsOf(one), 0);
    const parts: HeadItem[][] = Array.from({ length: count }, () => []);
    let before = 0;
    for (const one of items) {
      const pairs = pairsOf(one);
      const part = total === 0 ? 0 : Math.floor((count * (before + pairs / 2)) / total);
      parts[Math.min(part, count - 1)].push(one);
      before += pairs;
    }
    return parts;
  });
  return Array.from({ length: count }, (_, part) => {
    const own = cutPasses.map((parts) => parts[part]);
    return { passes: own, keys: ranges.of(own.flat()) };
  }).filter((segment) => segment.passes.some((items) => items.length > 0));
}

/** The keys of tasks, each looked at once. */
class KeyRanges {
  readonly #ofSchedule = new Map<
    Schedule,
    { tasks: Map<number, KeyRange | null>; lists: Map<number, KeyRange> }
  >();

  of(items: readonly HeadItem[]): KeyRange | null {
    return items.reduce<KeyRange | null>(
      (range, { schedule, item }) => joined(range, this.#ofTasks(schedule, item.task)),
      null,
    );
  }

  /** Of the tasks from a word on until their rows are closed. */
  #ofTasks(schedule: Schedule, first: number): KeyRange | null {
    const known = this.#ofSchedule.get(schedule) ?? { tasks: new Map(), lists: new Map() };
    this.#ofSchedule.set(schedule, known);
    const seen = known.tasks.get(first);
    if (seen !== undefined) return seen;
    let range: KeyRange | null = null;
    const { tasks } = schedule;
    let task = first;
    do {
      const [from, list, count] = tasks.subarray(task + 3, task + 6);
      if (count > 0) {
        const keys =
          list === IN_ORDER ? { from, to: from + count } : rangeOfList(schedule, list, known.lists);
        range = joined(range, keys);
      }
      task += TASK_WORDS;
    } while ((tasks[task - 1] & CLOSES_ROWS) === 0);
    known.tasks.set(first, range);
    return range;
  }
}

/** The keys of a whole list: looking at every part of it would take as long as there are pairs. */
function rangeOfList({ tokens }: Schedule, list: number, known: Map<number, KeyRange>): KeyRange {
  let range = known.get(list);
  if (range === undefined) {
    let [from, last] = [Number.POSITIVE_INFINITY, -1];
    for (const token of tokens.subarray(list, list + tokens[list - 1])) {
      from = Math.min(from, token);
      last = Math.max(last, token);
    }
    range = { from, to: last + 1 };
    known.set(list, range);
  }
  return range;
}

function joined(one: KeyRange | null, other: KeyRange | null): KeyRange | null {
  if (one === null || other === null) return one ?? other;
  return { from: Math.min(one.from, other.from), to: Math.max(one.to, other.to) };
}
