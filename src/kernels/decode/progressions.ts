import type { Comb, Intervals } from "../../core/pattern.ts";
import { combRange } from "../../pattern/comb-arithmetic.ts";

/** Keys `first, first + step, …`, `count` of them. */
export interface Progression {
  readonly first: number;
  readonly step: number;
  readonly count: number;
}

/**
 * The keys of row `query` that one comb attends and neither `runs` nor one of the `earlier` combs does, each
 * once.
 */
export function combKeys(
  comb: Comb,
  earlier: readonly Comb[],
  runs: Intervals,
  query: number,
  length: number,
): Progression[] {
  const { from, to } = combRange(comb, query, length);
  const whole = { first: from, step: comb.stride, count: Math.max(0, Math.ceil((to - from) / comb.stride)) };
  let left = outside(whole, runs);
  for (const done of earlier) {
    const keys = combRange(done, query, length);
    left = left.flatMap((keysLeft) => without(keysLeft, done.stride, keys.from, keys.to));
  }
  return left;
}

/** The part of a progression outside the runs. */
function outside({ first, step, count }: Progression, runs: Intervals): Progression[] {
  const left: Progression[] = [];
  let done = 0;
  for (let at = 0; at < runs.length && done < count; at += 2) {
    const before = clamp(Math.ceil((runs[at] - first) / step), done, count);
    if (before > done) left.push({ first: first + done * step, step, count: before - done });
    done = clamp(Math.ceil((runs[at + 1] - first) / step), before, count);
  }
  if (done < count) left.push({ first: first + done * step, step, count: count - done });
  return left;
}

/** The part of a progression that is not in `from, from + stride, …` below `to`. */
function without(keys: Progression, stride: number, from: number, to: number): Progression[] {
  const { first, step, count } = keys;
  const low = clamp(Math.ceil((from - first) / step), 0, count);
  const high = clamp(Math.ceil((to - first) / step), low, count);
  // Every `period`-th key of the progression is a key of the other, if any is.
  let hit = low;
  const period = stride / greatestCommonDivisor(step, stride);
  while (hit < Math.min(low + period, high) && (first + hit * step - from) % stride !== 0) hit++;
  if (hit >= high || hit - low >= period) return [keys];
  const left: Progression[] = [];
  const push = (begin: number, by: number, many: number): void => {
    if (many > 0) left.push({ first: first + begin * step, step: by * step, count: many });
  };
  push(0, 1, low);
  if ((high - low) / period < period) {
    let begin = low;
    for (; hit < high; hit += period) {
      push(begin, 1, hit - begin);
      begin = hit + 1;
    }
    push(begin, 1, high - begin);
  } else {
    for (let begin = low; begin < low + period; begin++) {
      if (begin !== hit) push(begin, period, Math.ceil((high - begin) / period));
    }
  }
  push(high, 1, count - high);
  return left;
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
