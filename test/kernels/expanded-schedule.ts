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
  type TileSizes,
} from "../../src/kernels/schedule.ts";

/** One task of a schedule, unpacked. */
export interface Task {
  readonly rows: readonly number[];
  readonly keys: readonly number[];
  /** The place of the first key in its list. */
  readonly firstKey: number;
  /** The words of the tile's mask; null where it is full. */
  readonly mask: readonly number[] | null;
  readonly flags: number;
}

/** The tasks of a schedule, by the table in `schedule.ts`. */
export function tasksOf({ tasks, tokens, masks }: Schedule): Task[] {
  const entries = (list: number, first: number, count: number): number[] =>
    Array.from({ length: count }, (_, at) => {
      if (list === IN_ORDER) return first + at;
      if (!(first + at < tokens[list - 1])) throw new RangeError(`list ${list} has no entry ${first + at}`);
      return tokens[list + first + at];
    });
  const unpacked: Task[] = [];
  for (let at = 0; at < tasks.length; at += TASK_WORDS) {
    const [firstRow, rowList, rowCount, firstKey, keyList, keyCount, mask, flags] = tasks.slice(
      at,
      at + TASK_WORDS,
    );
    const words = rowCount * (1 + ((flags & HAS_HOLES) === 0 ? 0 : Math.ceil(keyCount / 32)));
    if (mask !== FULL && !(mask >= 0 && mask + words <= masks.length)) {
      throw new RangeError(`task ${at / TASK_WORDS}: its mask lies outside of the masks`);
    }
    unpacked.push({
      rows: entries(rowList, firstRow, rowCount),
      keys: entries(keyList, firstKey, keyCount),
      firstKey,
      mask: mask === FULL ? null : [...masks.slice(mask, mask + words)],
      flags,
    });
  }
  return unpacked;
}

/** Whether a task computes the pair of its row `row` and its key `key`, both counted within the task. */
export function computes({ rows, keys, mask, flags }: Task, row: number, key: number): boolean {
  if (mask === null) return true;
  const [from, to] = [mask[row] % 65_536, Math.floor(mask[row] / 65_536)];
  if (key < from || key >= to) return false;
  if ((flags & HAS_HOLES) === 0) return true;
  return ((mask[rows.length + row * Math.ceil(keys.length / 32) + (key >>> 5)] >>> (key & 31)) & 1) === 1;
}

/** How often each pair is computed, `[length, length]`. */
export function timesComputed(tasks: readonly Task[], length: number): Uint8Array {
  const times = new Uint8Array(length * length);
  for (const task of tasks) {
    for (const [row, query] of task.rows.entries()) {
      for (const [column, key] of task.keys.entries()) {
        if (!(query >= 0 && query < length && key >= 0 && key < length)) {
          throw new RangeError(`pair (${query}, ${key}) lies outside of ${length} tokens`);
        }
        if (computes(task, row, column)) times[query * length + key]++;
      }
    }
  }
  return times;
}

/**
 * Walks the tasks as a kernel does, and says what a kernel would stumble over: rows that open while others are, that
 * close in another form than they opened, that load a state nobody stored or begin empty a second time, that are
 * written before their last pass or never.
 */
export function brokenProtocol(tasks: readonly Task[], length: number, passes: number): string | null {
  const finished = new Uint32Array(length);
  let open: readonly number[] | null = null;
  for (const [index, { rows, flags }] of tasks.entries()) {
    const where = `task ${index} on rows ${rows[0]}…${rows.at(-1)}`;
    if ((flags & OPENS_ROWS) !== 0) {
      if (open !== null) return `${where} opens while others are open`;
      open = rows;
      for (const row of rows) {
        if (((flags & EMPTY_STATE) !== 0) !== (finished[row] === 0)) {
          return `${where} has the wrong state in pass ${finished[row]}`;
        }
      }
    } else if ((flags & EMPTY_STATE) !== 0) return `${where} empties a state without opening`;
    if (open === null) return `${where} is not open`;
    if (String(open) !== String(rows)) return `${where} has other rows than were opened`;
    if ((flags & CLOSES_ROWS) !== 0) {
      for (const row of rows) {
        finished[row]++;
        if (((flags & FINAL) !== 0) !== (finished[row] === passes)) {
          return `${where} writes row ${row} after ${finished[row]} of ${passes} passes`;
        }
      }
      open = null;
    } else if ((flags & FINAL) !== 0) return `${where} is final without closing`;
  }
  if (open !== null) return "the last rows are never closed";
  const unfinished = finished.findIndex((times) => times !== passes);
  return unfinished < 0 ? null : `row ${unfinished} had ${finished[unfinished]} of ${passes} passes`;
}

/**
 * Masked tiles that are too large for the kernel that asked for these sizes, whose spans end beyond their keys or are wider
 * than what they hold, or whose bits say no more than their spans.
 */
export function misfits(tasks: readonly Task[], { queries, keys, panel = 1 }: TileSizes): Task[] {
  return tasks.filter((task) => {
    if (task.rows.length < 1) return true;
    if (task.mask === null) return (task.flags & HAS_HOLES) !== 0;
    if (task.rows.length > queries || task.keys.length < 1) return true;
    if ((task.firstKey % panel) + task.keys.length > keys) return true;
    let holes = 0;
    const wrong = task.rows.some((_, row) => {
      const attended = task.keys.flatMap((_, key) => (computes(task, row, key) ? [key] : []));
      const span = task.mask?.[row] ?? 0;
      const [from, to] = [span % 65_536, Math.floor(span / 65_536)];
      holes += to - from - attended.length;
      if (to > task.keys.length) return true;
      return attended.length === 0
        ? span !== 0
        : from !== attended[0] || to !== attended[attended.length - 1] + 1;
    });
    return wrong || ((task.flags & HAS_HOLES) !== 0) !== holes > 0;
  });
}
