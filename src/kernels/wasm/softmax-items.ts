import { CLOSES_ROWS, OPENS_ROWS, type Schedule, TASK_WORDS } from "../schedule.ts";
import { ITEM_WORDS, SOFTMAX_ITEM, TILE } from "./layout.ts";

/** The items of a head and where its phases end, in words; tasks are counted in words from the schedule's beginning. */
export interface Items {
  readonly words: Int32Array;
  readonly phaseEnds: readonly number[];
}

/** Tokens of an item that prepares: enough to be worth a turn, and whole panels. */
const PREPARED_TOKENS = 512;

/**
 * What is to be done for one head, in phases: tokens are prepared (keys packed, values looked at), then every pass runs its
 * groups of rows, or its residue classes. With several threads the longest items of a phase come first, so that none
 * ends long after the others.
 */
export function softmaxItems(schedule: Schedule, length: number, prepares: boolean, threads: number): Items {
  const phases = prepares ? [preparing(length)] : [];
  const { passStarts, tasks, hasNaturalPass } = schedule;
  for (const [pass, start] of passStarts.entries()) {
    const end = passStarts[pass + 1] ?? tasks.length;
    const items = pass === 0 && hasNaturalPass ? groups(tasks, start, end) : residueClasses(tasks, start, end);
    if (threads > 1) items.sort((a, b) => b.cost - a.cost);
    phases.push(items);
  }
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

/** The members of the largest residue class that is packed by itself; 0 where none is. */
export function longestClass({ passStarts, hasNaturalPass, tasks }: Schedule, length: number): number {
  const combs = hasNaturalPass ? passStarts.slice(1) : passStarts;
  // The class of residue 0 is the largest of its comb, and opens the pass.
  return Math.max(0, ...combs.map((start) => Math.ceil(length / tasks[start + 1])));
}

interface Item {
  readonly kind: number;
  readonly from: number;
  readonly to: number;
  /** Pairs, for the order. */
  readonly cost: number;
}

function preparing(length: number): Item[] {
  const items: Item[] = [];
  for (let from = 0; from < length; from += PREPARED_TOKENS) {
    items.push({ kind: SOFTMAX_ITEM.prepare, from, to: Math.min(from + PREPARED_TOKENS, length), cost: 0 });
  }
  return items;
}

/** Groups of at most `TILE.queries` rows: the task that opens them, and the first row counted from there. */
function groups(tasks: Int32Array, start: number, end: number): Item[] {
  const items: Item[] = [];
  for (let task = start; task < end; ) {
    const opened = task;
    const rows = tasks[task + 2];
    let keys = 0;
    do keys += tasks[task + 5];
    while ((tasks[(task += TASK_WORDS) - 1] & CLOSES_ROWS) === 0);
    for (let row = 0; row < rows; row += TILE.queries) {
      items.push({ kind: SOFTMAX_ITEM.rows, from: opened, to: row, cost: Math.min(rows - row, TILE.queries) * keys });
    }
  }
  return items;
}

/** The tasks of each residue class. */
function residueClasses(tasks: Int32Array, start: number, end: number): Item[] {
  const items: Item[] = [];
  let from = start;
  let cost = 0;
  for (let task = start; task < end; task += TASK_WORDS) {
    cost += tasks[task + 2] * tasks[task + 5];
    const next = task + TASK_WORDS;
    // The first rows of a class are those from its residue on, which is less than the step.
    const opensClass = next < end && (tasks[next + 7] & OPENS_ROWS) !== 0 && tasks[next] < tasks[next + 1];
    if (next < end && !opensClass) continue;
    items.push({ kind: SOFTMAX_ITEM.residueClass, from, to: next, cost });
    from = next;
    cost = 0;
  }
  return items;
}
