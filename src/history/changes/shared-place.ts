import { median } from "../../stats/median.ts";
import { likelyPlaces } from "../../stats/step-location.ts";
import type { Series } from "../entry.ts";
import type { LevelChange } from "./series-changes.ts";

interface Placed {
  readonly series: Series;
  /** Logarithms. */
  readonly values: Float64Array;
  readonly changes: readonly LevelChange[];
}

/** Part of its likelihood that a change must have had up to a place to belong there: one of 50 cells may be far off. */
const MEMBER = 0.999;

/** A change of a series, by the positions of commits in the history instead of points. */
interface Shared {
  readonly of: number;
  readonly change: LevelChange;
  /** The first and last position that it may be at. */
  readonly low: number;
  readonly high: number;
}

/**
 * The same changes, those that several cells have at one commit placed there together: one commit rarely slows down a
 * single cell, and the noise of each hides its place by itself. Of all positions that whose likelihoods add up to the
 * most is taken, with the changes that it is among the likely places of; then the next one, of the changes left. Where
 * cells share noise, as they do when the machine was busy, their likelihoods count as those of fewer.
 */
export function jointlyPlaced(
  all: readonly Placed[],
  order: readonly string[],
): readonly (readonly LevelChange[])[] {
  const position = new Map(order.map((commit, at) => [commit, at]));
  const positions = all.map(({ series }) =>
    Int32Array.from(series.points, ({ commit }) => position.get(commit) ?? -1),
  );
  let left = all.flatMap(({ changes }, of) =>
    changes.map((change): Shared => {
      const [low, high] = likelyPlaces(change.fit, MEMBER).map((place) => change.first + place);
      // A position is that of the first commit of the new level, which may lie between two points.
      return { of, change, low: positions[of][low - 1] + 1, high: positions[of][high] };
    }),
  );
  const found = all.map(({ changes }) => [...changes]);
  while (left.length > 0) {
    const at = mostShared(left, positions);
    const group = left.filter(({ low, high }) => low <= at && at <= high);
    left = left.filter((one) => !group.includes(one));
    if (group.length > 1) place(group, all, positions, found);
  }
  return found;
}

/** The position at which the changes are likely to be, most of them together. */
function mostShared(changes: readonly Shared[], positions: readonly Int32Array[]): number {
  const likely = new Map<number, number>();
  for (const { of, change, low, high } of changes) {
    const total = change.fit.reduce((sum, one) => sum + Math.exp(one), 0);
    for (let at = low; at <= high; at++) {
      likely.set(at, (likely.get(at) ?? 0) + Math.exp(fitAt(change, positions[of], at)) / total);
    }
  }
  let [best, most] = [0, Number.NEGATIVE_INFINITY];
  for (const [at, sum] of likely) if (sum > most) [best, most] = [at, sum];
  return best;
}

/** The logarithm of the likelihood that the change is at this position. */
function fitAt({ fit, first }: LevelChange, positions: Int32Array, at: number): number {
  return fit[pointAt(positions, at) - first] ?? Number.NEGATIVE_INFINITY;
}

/** The first point at a position or after it. */
function pointAt(positions: Int32Array, at: number): number {
  let [low, high] = [0, positions.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (positions[middle] < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Places the changes of a group together, in `found`. */
function place(
  group: readonly Shared[],
  all: readonly Placed[],
  positions: readonly Int32Array[],
  found: LevelChange[][],
): void {
  const low = Math.min(...group.map((one) => one.low));
  const high = Math.max(...group.map((one) => one.high));
  const fit = new Float64Array(high - low + 1);
  for (const own of Map.groupBy(group, ({ of }) => all[of].series.machine).values()) {
    const shared = sharedNoise(own, all, positions);
    for (const { of, change } of own) {
      for (let at = low; at <= high; at++) fit[at - low] += fitAt(change, positions[of], at) / shared;
    }
  }
  const greatest = Math.max(...fit);
  if (greatest === Number.NEGATIVE_INFINITY) return;
  const [from, to] = likelyPlaces(
    fit.map((one) => one - greatest),
    0.95,
  );
  const best = low + fit.indexOf(greatest);
  for (const { of, change } of group) {
    const at = pointAt(positions[of], best);
    const between = [pointAt(positions[of], low + from), pointAt(positions[of], low + to)] as const;
    const changes = found[of];
    changes[changes.indexOf(change)] = { ...change, at, between };
  }
}

/**
 * How many times as much the mean of the cells scatters as if each had noise of its own: 1 if they do, and their number
 * if all have the same.
 */
function sharedNoise(
  group: readonly Shared[],
  all: readonly Placed[],
  positions: readonly Int32Array[],
): number {
  const sums = new Map<number, { sum: number; count: number }>();
  for (const { of, change } of group) {
    const noise = standardised(all[of], change);
    for (const [index, value] of noise.entries()) {
      const at = positions[of][change.first + index];
      const sum = sums.get(at) ?? { sum: 0, count: 0 };
      sums.set(at, { sum: sum.sum + value, count: sum.count + 1 });
    }
  }
  const together = [...sums.values()].filter(({ count }) => count > 1);
  if (together.length === 0) return 1;
  const scatter = together.reduce((total, { sum, count }) => total + sum ** 2 / count, 0) / together.length;
  return Math.min(group.length, Math.max(1, scatter));
}

/** What is left around both levels of a change, in standard deviations, outliers drawn in. */
function standardised({ values }: Placed, { first, fit, at }: LevelChange): Float64Array {
  const stretch = values.subarray(first, first + fit.length);
  const [before, after] = [stretch.subarray(0, at - first), stretch.subarray(at - first)];
  const levels = [before, after].map((side) => (side.length === 0 ? 0 : median(side)));
  const left = stretch.map((value, index) => value - levels[index < at - first ? 0 : 1]);
  const scale = 1.4826 * median(left.map(Math.abs));
  return left.map((one) => (scale === 0 ? 0 : Math.max(-3, Math.min(3, one / scale))));
}
