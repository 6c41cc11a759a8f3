import { CLOSES_ROWS, OPENS_ROWS, type Schedule, TASK_WORDS } from "../schedule.ts";
import { ITEM_WORDS, PANEL_KEYS, SOFTMAX_ITEM, TILE } from "./layout.ts";

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
  /** Keys that items pack for themselves, all of them together. */
  readonly ownKeys: number;
  /** The most keys that an item packs for itself; 0 if none does. */
  readonly packedKeys: number;
  /** The most keys of a list among them, whose values are copied side by side. */
  readonly listedKeys: number;
}

/** Keys that fewer groups of rows than this read, on average, are packed by each group that needs them. */
const LEAST_READERS = 2;

/** Tokens of a preparing item: enough to be worth taking, and whole panels. */
const PREPARED_TOKENS = 512;

/**
 * What is to be done for one head, in phases: tokens are prepared (keys packed, values checked), then every
 * pass runs its groups of rows, or its classes of tokens. With several threads the longest items of a phase
 * come first, so that none ends long after the others. `packs` says that packing a key is so much work that it
 * is done once for all groups of rows in any case.
 */
export function softmaxItems(schedule: Schedule, length: number, threads: number, packs = false): Items {
  const { passStarts, tasks, masks, hasNaturalPass } = schedule;
  const passes = passStarts.map((start, pass) => {
    const end = passStarts[pass + 1] ?? tasks.length;
    const natural = pass === 0 && hasNaturalPass;
    const together = stretches(tasks, start, end);
    const apart = natural && (packs || !packsTogether(together, length, threads));
    return { natural, items: apart ? groups(tasks, start, end) : together };
  });
  const read = passes.reduce(
    (sum, { natural, items }) => sum + (natural && !packThemselves(items) ? totalOf(items, "keys") : 0),
    0,
  );
  const packsKeys = (packs && hasNaturalPass) || read >= LEAST_READERS * length;
  const phases = passes.map(({ items }) => {
    return threads > 1 ? items.sort((a, b) => b.rows * b.keys - a.rows * a.keys) : items;
  });
  const checksValues = masks.length > 0;
  if (packsKeys || checksValues) phases.unshift(preparing(length));
  const packing = passes.filter(({ items }) => packThemselves(items));
  const packedKeys = mostKeys(packing);
  const listedKeys = mostKeys(packing.filter(({ natural }) => !natural));
  const ownKeys = packing.reduce((sum, { items }) => sum + totalOf(items, "keys"), 0);
  return { ...written(phases), packsKeys, checksValues, ownKeys, packedKeys, listedKeys };
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

/** Whether these items pack the keys that they read, all of them. */
function packThemselves(items: readonly Item[]): boolean {
  return items.every(({ kind }) => kind === SOFTMAX_ITEM.stretch);
}

/** The most keys that an item of these passes reads. */
function mostKeys(passes: ReadonlyArray<{ readonly items: readonly Item[] }>): number {
  return passes.reduce((most, { items }) => items.reduce((max, { keys }) => Math.max(max, keys), most), 0);
}

function totalOf(items: readonly Item[], what: "rows" | "keys"): number {
  return items.reduce((sum, item) => sum + item[what], 0);
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

/** Rows of an item, or of its last task if that has more: what is packed is worth packing for so many. */
const ITEM_ROWS = 960;

/** What a key may be packed on average where stretches of rows do it, while it is near the core. */
const MOST_PACKINGS = 1.5;

/** Items that each thread should have at least. */
const LEAST_ITEMS = 4;

/** Whether stretches of rows in natural order had better pack the keys that they read, and share them out. */
function packsTogether(items: readonly Item[], length: number, threads: number): boolean {
  return (
    totalOf(items, "keys") <= MOST_PACKINGS * length &&
    items.length >= LEAST_ITEMS * threads &&
    items.every(({ rows }) => rows < 2 * ITEM_ROWS)
  );
}

/** The tasks of each list of keys, in stretches: keys from the first to the last that they attend are packed. */
function stretches(tasks: Int32Array, start: number, end: number): Item[] {
  const items: Item[] = [];
  for (let first = start, next = start; first < end; first = next) {
    let rows = 0;
    let firstKey = Number.POSITIVE_INFINITY;
    let lastKey = 0;
    do {
      if (opensRows(tasks, next)) rows += tasks[next + 2];
      if (tasks[next + 5] > 0) {
        firstKey = Math.min(firstKey, tasks[next + 3]);
        lastKey = Math.max(lastKey, tasks[next + 3] + tasks[next + 5]);
      }
      next += TASK_WORDS;
    } while (next < end && (!opensRows(tasks, next) || (rows < ITEM_ROWS && sameList(tasks, first, next))));
    items.push({
      kind: SOFTMAX_ITEM.stretch,
      from: first,
      to: next,
      rows,
      keys: packedKeys(firstKey, lastKey),
    });
  }
  return items;
}

/** Keys that are packed for these: from the beginning of a panel on. */
function packedKeys(first: number, end: number): number {
  return first < end ? end - (first - (first % PANEL_KEYS.wide)) : 0;
}

function opensRows(tasks: Int32Array, task: number): boolean {
  return (tasks[task + 7] & OPENS_ROWS) !== 0;
}

function sameList(tasks: Int32Array, one: number, other: number): boolean {
  return tasks[one + 4] === tasks[other + 4];
}
