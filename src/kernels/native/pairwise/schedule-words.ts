import {
  CLOSES_ROWS,
  EMPTY_STATE,
  FINAL,
  FULL,
  HAS_HOLES,
  IN_ORDER,
  OPENS_ROWS,
  type Schedule,
  TASK_WORDS,
} from "../../schedule.ts";
import { maskOf } from "../../walk-schedule.ts";
import type { MemoryPlan, Region } from "../call/memory.ts";
import { writeWords } from "../call/write-words.ts";
import { ROWS, TASK, TASK_BYTES } from "./layout.ts";

/** A schedule in memory, as machine code walks it. */
export interface PlacedSchedule {
  /** The address of the task at a word of the schedule. */
  taskAt(word: number): bigint;
  /** The address of an entry of a list; 0 for the list of all tokens. */
  entryAt(list: number, entry: number): bigint;
}

const WORD = 8;

/**
 * Makes room for a schedule whose masks have at most 64 rows, and returns what writes it once there is memory. Throws a
 * RangeError if it names a token that is none: machine code believes it.
 */
export function planSchedule(
  schedule: Schedule,
  tokens: { readonly queries: number; readonly keys: number },
  plan: MemoryPlan,
): () => PlacedSchedule {
  const { tasks } = schedule;
  checkSchedule(schedule, tokens);
  const masks = turnedMasks(schedule);
  const taskRegion = plan.reserve((tasks.length / TASK_WORDS) * TASK_BYTES);
  const listRegion = plan.reserve(schedule.tokens.length * 4);
  const maskRegion = plan.reserve(masks.words.length * WORD);
  return () => {
    const [places, lists, bits] = [taskRegion(), listRegion(), maskRegion()];
    lists.integers.set(schedule.tokens);
    bits.words.set(masks.words);
    const entryAt = (list: number, entry: number): bigint =>
      list === IN_ORDER ? 0n : lists.address + BigInt(4 * (list + entry));
    for (let word = 0, at = 0; word < tasks.length; word += TASK_WORDS, at += TASK_BYTES) {
      const [first, list, count, mask, flags] = tasks.subarray(word + 3, word + 8);
      const turned = mask === FULL ? undefined : masks.at.get(word);
      const rows = turned === undefined ? null : masks.words.subarray(turned, turned + count);
      writeWords(
        places,
        [
          [TASK.list, entryAt(list, 0)],
          [TASK.first, first],
          [TASK.keys, count],
          [TASK.mask, turned === undefined ? 0 : bits.address + BigInt(WORD * turned)],
          [TASK.rows, rowsOf(count, rows)],
          [TASK.flags, flags],
        ],
        at,
      );
    }
    return { taskAt: (word) => addressIn(places, (word / TASK_WORDS) * TASK_BYTES), entryAt };
  };
}

/** The rows that attend any of so many keys: all of them if there is no mask. */
function rowsOf(keys: number, mask: BigInt64Array | null): bigint {
  if (mask === null) return keys === 0 ? 0n : -1n;
  return mask.reduce((rows, word) => rows | word, 0n);
}

function addressIn({ address, bytes }: Region, at: number): bigint {
  if (!(at >= 0 && at < bytes)) throw new RangeError(`a task must be within ${bytes} bytes, got ${at}`);
  return address + BigInt(at);
}

/** Masks turned over: a word for each key, whose bit r says whether row r attends it. */
interface TurnedMasks {
  readonly words: BigInt64Array;
  /** Where the mask of a task begins, by the task's first word. */
  readonly at: ReadonlyMap<number, number>;
}

/** Equal masks of as many keys are turned and kept once. */
function turnedMasks({ tasks, masks }: Schedule): TurnedMasks {
  const words: bigint[] = [];
  const known = new Map<string, number>();
  const at = new Map<number, number>();
  for (let task = 0; task < tasks.length; task += TASK_WORDS) {
    const mask = maskOf(masks, tasks, task);
    if (mask === null) continue;
    const [rows, keys] = [tasks[task + 2], tasks[task + 5]];
    const name = `${tasks[task + 6]} ${rows} ${keys} ${tasks[task + 7] & HAS_HOLES}`;
    const seen = known.get(name);
    at.set(task, seen ?? words.length);
    if (seen !== undefined) continue;
    known.set(name, words.length);
    for (let key = 0; key < keys; key++) {
      let [low, high] = [0, 0];
      for (let row = 0; row < rows; row++) {
        if (!mask.attends(row, key)) continue;
        if (row < 32) low |= 1 << row;
        else high |= 1 << (row - 32);
      }
      words.push(BigInt.asIntN(64, (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)));
    }
  }
  return { words: BigInt64Array.from(words), at };
}

function checkSchedule(
  { tasks, tokens: listed, passes, passStarts }: Schedule,
  { queries, keys }: { readonly queries: number; readonly keys: number },
): void {
  /** The largest entry of each list. */
  const largest = new Map<number, number>();
  const inside = (first: number, list: number, count: number, most: number): boolean => {
    if (!(first >= 0 && count >= 0)) return false;
    if (list === IN_ORDER) return first + count <= most;
    if (!(list > 0 && first + count <= listed[list - 1] && list + listed[list - 1] <= listed.length))
      return false;
    let greatest = largest.get(list);
    if (greatest === undefined) {
      greatest = -1;
      for (const token of listed.subarray(list, list + listed[list - 1])) {
        greatest = token < 0 ? Number.POSITIVE_INFINITY : Math.max(greatest, token);
      }
      largest.set(list, greatest);
    }
    return count === 0 || greatest < most;
  };
  const starts = new Set(passStarts);
  let isOpen = false;
  for (let task = 0; task < tasks.length; task += TASK_WORDS) {
    const [row, rowList, rows, key, keyList, count, mask, flags] = tasks.subarray(task, task + TASK_WORDS);
    const opens = (flags & OPENS_ROWS) !== 0;
    if (!inside(key, keyList, count, keys) || (opens && !inside(row, rowList, rows, queries))) {
      throw new RangeError(`a task's rows and keys must be among ${queries} queries and ${keys} keys`);
    }
    if (opens === isOpen || (isOpen && starts.has(task))) {
      throw new RangeError("rows must be opened once, and closed before others are");
    }
    isOpen = (flags & CLOSES_ROWS) === 0;
    // With one pass there is no room for what is kept.
    const whole = (!opens || (flags & EMPTY_STATE) !== 0) && (isOpen || (flags & FINAL) !== 0);
    if (passes === 1 && !whole) throw new RangeError("rows of a single pass must begin empty and end final");
    if (mask !== FULL && !(rows <= ROWS))
      throw new RangeError(`a mask must have at most ${ROWS} rows, got ${rows}`);
  }
  if (isOpen) throw new RangeError("rows must be closed at the end");
}
