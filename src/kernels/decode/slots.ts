import type { BoundPattern } from "../../core/pattern.ts";
import { keptKeys } from "../../pattern/kept-keys.ts";

/**
 * Where a key's row lies in the cache. Slots of forgotten keys are reused, so that a window is a ring.
 */
export interface Slots {
  /**
   * For each key its slot. If slots are reused, -1 for a key that no query attends, not even its own: it is
   * never kept. If all lie in order each has one.
   */
  readonly slotOf: Int32Array;
  /** Total number of slots. */
  readonly count: number;
  /** Keys this far apart lie in neighbouring slots, as far as `ahead` says. */
  readonly keyStep: number;
  /**
   * For each key how many keys from it on, `keyStep` apart, lie in slots that follow one another; itself
   * counts.
   */
  readonly ahead: Int32Array;
}

/** Keys of a comb lie side by side if its rows have at least this many: fewer gain nothing from it. */
const LEAST_TEETH = 8;

/**
 * A cache that could be smaller by no more than this fraction is not made smaller: its rows then stay in
 * order.
 */
const SAVING = 1 / 4;

/** Gives every key that is attended, by `last`, a slot that no other key has until its last query. */
export function assignSlots(pattern: BoundPattern, last: Int32Array): Slots {
  const { length } = pattern;
  const keyStep = stepOf(pattern);
  const slotOf = new Int32Array(length).fill(-1);
  const most = keptKeys(last).reduce((a, b) => Math.max(a, b), 0);
  const counts = most > (1 - SAVING) * length ? inOrder(keyStep, slotOf) : reusing(keyStep, last, slotOf);
  const bases = new Int32Array(keyStep);
  for (let residue = 1; residue < keyStep; residue++) {
    bases[residue] = bases[residue - 1] + counts[residue - 1];
  }
  const ahead = new Int32Array(length).fill(1);
  for (let key = length - 1; key >= 0; key--) {
    if (slotOf[key] < 0) continue;
    slotOf[key] += bases[key % keyStep];
    const next = key + keyStep;
    if (next < length && slotOf[next] === slotOf[key] + 1) ahead[key] = ahead[next] + 1;
  }
  return { slotOf, count: bases[keyStep - 1] + counts[keyStep - 1], keyStep, ahead };
}

/**
 * The stride of a pattern that is a single comb: rows of a residue class are read faster side by side than
 * far apart.
 */
function stepOf(pattern: BoundPattern): number {
  const { combs, length } = pattern;
  if (combs.length !== 1 || pattern.someRuns(0, length).length > 0) return 1;
  const [{ stride, left }] = combs;
  return Math.min(left, length - 1) / stride >= LEAST_TEETH - 1 ? stride : 1;
}

/** A slot for every key, whether it is kept or not. Returns the slots of each residue class. */
function inOrder(keyStep: number, slotOf: Int32Array): Int32Array {
  const counts = new Int32Array(keyStep);
  for (let key = 0; key < slotOf.length; key++) slotOf[key] = counts[key % keyStep]++;
  return counts;
}

/**
 * In each residue class the slot that has been free longest, or a new one. Returns the slots of each
 * class.
 */
function reusing(keyStep: number, last: Int32Array, slotOf: Int32Array): Int32Array {
  const { length } = last;
  const counts = new Int32Array(keyStep);
  /**
   * The first key that each query is the last to attend, and for each key the next of them: both -1 at the
   * end.
   */
  const first = new Int32Array(length).fill(-1);
  const next = new Int32Array(length).fill(-1);
  for (let key = length - 1; key >= 0; key--) {
    if (last[key] < key) continue;
    next[key] = first[last[key]];
    first[last[key]] = key;
  }
  /** Forgotten keys of each class whose slots are free, longest first, linked like the others. */
  const freeFrom = new Int32Array(keyStep).fill(-1);
  const freeTo = new Int32Array(keyStep).fill(-1);
  const free = new Int32Array(length).fill(-1);
  for (let query = 0; query < length; query++) {
    if (last[query] >= query) {
      const residue = query % keyStep;
      const reused = freeFrom[residue];
      if (reused < 0) slotOf[query] = counts[residue]++;
      else {
        slotOf[query] = slotOf[reused];
        freeFrom[residue] = free[reused];
      }
    }
    for (let key = first[query]; key >= 0; key = next[key]) {
      const residue = key % keyStep;
      if (freeFrom[residue] < 0) freeFrom[residue] = key;
      else free[freeTo[residue]] = key;
      freeTo[residue] = key;
    }
  }
  return counts;
}
