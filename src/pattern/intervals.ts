import type { Intervals } from "../core/pattern.ts";

/**
 * Arithmetic of sorted, disjoint, half-open ranges. Every function returns the canonical form: none empty,
 * none touching.
 */

/** The range `[from, to)` clipped to `[0, length)`, or nothing. */
export function interval(from: number, to: number, length: number): Intervals {
  const low = Math.max(0, from);
  const high = Math.min(length, to);
  return low < high ? [low, high] : [];
}

/** Whether `key` lies in one of the ranges. */
export function contains(ranges: Intervals, key: number): boolean {
  for (let at = 0; at < ranges.length; at += 2) {
    if (key < ranges[at]) return false;
    if (key < ranges[at + 1]) return true;
  }
  return false;
}

/** Keys in either. */
export function unite(a: Intervals, b: Intervals): Intervals {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  if (a.length === 2 && b.length === 2) return uniteTwo(a[0], a[1], b[0], b[1]);
  const result: number[] = [];
  let atA = 0;
  let atB = 0;
  while (atA < a.length || atB < b.length) {
    const takeA = atB >= b.length || (atA < a.length && a[atA] <= b[atB]);
    const from = takeA ? a[atA] : b[atB];
    const to = takeA ? a[atA + 1] : b[atB + 1];
    if (takeA) atA += 2;
    else atB += 2;
    const last = result.length - 1;
    if (last >= 0 && from <= result[last]) {
      if (to > result[last]) result[last] = to;
    } else result.push(from, to);
  }
  return result;
}

/** Two ranges, the usual case of a row. */
function uniteTwo(fromA: number, toA: number, fromB: number, toB: number): Intervals {
  if (toA < fromB) return [fromA, toA, fromB, toB];
  if (toB < fromA) return [fromB, toB, fromA, toA];
  return [Math.min(fromA, fromB), Math.max(toA, toB)];
}

/** Keys in both. */
export function intersect(a: Intervals, b: Intervals): Intervals {
  const result: number[] = [];
  let atA = 0;
  let atB = 0;
  while (atA < a.length && atB < b.length) {
    const from = Math.max(a[atA], b[atB]);
    const to = Math.min(a[atA + 1], b[atB + 1]);
    if (from < to) result.push(from, to);
    if (a[atA + 1] < b[atB + 1]) atA += 2;
    else atB += 2;
  }
  return result;
}

/** Keys in `a` and not in `b`. */
export function subtract(a: Intervals, b: Intervals): Intervals {
  const result: number[] = [];
  let atB = 0;
  for (let atA = 0; atA < a.length; atA += 2) {
    let from = a[atA];
    const to = a[atA + 1];
    while (atB < b.length && b[atB + 1] <= from) atB += 2;
    for (let cut = atB; cut < b.length && b[cut] < to && from < to; cut += 2) {
      if (b[cut] > from) result.push(from, b[cut]);
      from = Math.max(from, b[cut + 1]);
    }
    if (from < to) result.push(from, to);
  }
  return result;
}

/** Whether two canonical lists are the same set. */
export function sameIntervals(a: Intervals, b: Intervals): boolean {
  return a.length === b.length && a.every((bound, at) => bound === b[at]);
}
