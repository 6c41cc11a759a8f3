import { CLOSES_ROWS, OPENS_ROWS, type Schedule, TASK_WORDS } from "../schedule.ts";
import { ITEM_WORDS, SOFTMAX_ITEM, TILE } from "./layout.ts";

/**
 * The items of a head and where its phases end, in words; tasks are counted in words from the schedule's
 * beginning.
 */
export interface Items {
  readonly words: Int32Array;
  readonly phaseEnds: readonly number[];
  /** Whether all keys are packed first, in natural order. */
  readonly packsKeys: boolean;
  /** Whether values are checked first: weight 0 would spread those that are not finite. */
  readonly checksValues: boolean;
  /** Keys that residue classes pack by themselves. */
  readonly classKeys: number;
}

/** Keys that fewer groups of rows than this read, on average, are packed by each group that needs them. */
const LEAST_READERS = 2;

/** Tokens of a preparing item: enough to be worth taking, and whole panels. */
const PREPARED_TOKENS = 512;

/**
 * What is to be done for one head, in phases: tokens are prepared (keys packed, values checked), then every
 * pass runs its groups of rows, or its residue classes. With several threads the longest items of a phase
 * come first, so that none ends long after the others. `packs` says that packing a key is so much work that it
 * is done once for all groups of rows in any case.
 */
export function softmaxItems(schedule: Schedule, length: number, threads: number, packs = false): Items {
  const { passStarts, tasks, masks, hasNaturalPass } = schedule;
  const passes = passStarts.map((start, pass) => {
    const end = passStarts[pass + 1] ?? tasks.length;
    const natural = pass === 0 && hasNaturalPass;
    const items = natural ? groups(tasks, start, end) : residueClasses(tasks, start, end);
    return { natural, items };
  });
  const read = passes.reduce((sum, { natural, items }) => sum + (natural ? totalOf(items, "keys") : 0), 0);
  const packsKeys = (packs && hasNaturalPass) || read >= LEAST_READERS * length;
  const phases = passes.map(({ items }) => {
    return threads > 1 ? items.sort((a, b) => b.rows * b.keys - a.rows * a.keys) : items;
  });
  const checksValues = masks.length > 0;
  if (packsKeys || checksValues) phases.unshift(preparing(length));
  const classKeys = passes.reduce(
    (sum, { natural, items }) => sum + (natural ? 0 : keysOfClasses(tasks, items, length)),
    0,
  );
  return { ...written(phases), packsKeys, checksValues, classKeys };
}

function written(phases: ReadonlyArray<readonly Item[]>): Pick<Items, "words" | "phaseEnds"> {
  const words = new Int32Array(phases.reduce((sum, items) => sum + items.length, 0) * ITEM_WORDS);
  const phaseEnds: number[] = [];
  let at = 0;
  for (const items of phases) {
    for (const { kind, from, to } of items) {
      words[at++] = kind;
      words[at++] = from;
      words[at++] = to;
    }
    phaseEnds.push(at);
  }
  return { words, phaseEnds };
}

function totalOf(items: readonly Item[], what: "rows" | "keys"): number {
  return items.reduce((sum, item) => sum + item[what], 0);
}

/** The members of all these classes. */
function keysOfClasses(tasks: Int32Array, classes: readonly Item[], length: number): number {
  return classes.reduce((sum, { from }) => {
    const [start, step] = tasks.subarray(from, from + 2);
    return sum + Math.ceil((length - (start % step)) / step);
  }, 0);
}

/** The members of the largest residue class that is packed by itself; 0 if none is. */
export function longestClass({ passStarts, hasNaturalPass, tasks }: Schedule, length: number): number {
  const combs = hasNaturalPass ? passStarts.slice(1) : passStarts;
  // The class of residue 0 is the largest of its comb, and opens the pass.
  return Math.max(0, ...combs.map((start) => Math.ceil(length / tasks[start + 1])));
}

interface Item {
  readonly kind: number;
  readonly from: number;
  readonly to: number;
  /** What it computes: rows times keys, approximately. */
  readonly rows: number;
  readonly keys: number;
}

function preparing(length: number): Item[] {
  const items: Item[] = [];
  for (let from = 0; from < length; from += PREPARED_TOKENS) {
    const to = Math.min(from + PREPARED_TOKENS, length);
    items.push({ kind: SOFTMAX_ITEM.prepare, from, to, rows: 0, keys: to - from });
  }
  return items;
}

/** Groups of at most `TILE.queries` rows: the task that opens them, and the first row counted from there. */
function groups(tasks: Int32Array, start: number, end: number): Item[] {
  const items: Item[] = [];
  for (let first = start, next = start; first < end; first = next) {
    let keys = 0;
    do {
      keys += tasks[next + 5];
      next += TASK_WORDS;
    } while ((tasks[next - 1] & CLOSES_ROWS) === 0);
    const count = tasks[first + 2];
    for (let row = 0; row < count; row += TILE.queries) {
      const rows = Math.min(count - row, TILE.queries);
      items.push({ kind: SOFTMAX_ITEM.rows, from: first, to: row, rows, keys });
    }
  }
  return items;
}

/** The tasks of each residue class. */
function residueClasses(tasks: Int32Array, start: number, end: number): Item[] {
  const items: Item[] = [];
  for (let first = start, next = start; first < end; first = next) {
    let rows = 0;
    let keys = 0;
    do {
      rows += tasks[next + 2];
      keys = Math.max(keys, tasks[next + 5]);
      next += TASK_WORDS;
    } while (next < end && !opensClass(tasks, next));
    items.push({ kind: SOFTMAX_ITEM.residueClass, from: first, to: next, rows, keys });
  }
  return items;
}

/** Whether a task opens the first rows of a class: those from its residue on, which is less than the step. */
function opensClass(tasks: Int32Array, task: number): boolean {
  return (tasks[task + 7] & OPENS_ROWS) !== 0 && tasks[task] < tasks[task + 1];
}
