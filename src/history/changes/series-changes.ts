import { bootstrapRatio } from "../../stats/bootstrap-ratio.ts";
import { type Divide, eDivisive } from "../../stats/e-divisive.ts";
import { levelShift } from "../../stats/level-shift.ts";
import { median } from "../../stats/median.ts";
import type { SplitNull } from "../../stats/split-null.ts";
import { likelyPlaces, stepLocation } from "../../stats/step-location.ts";
import { whitened } from "../../stats/whitened.ts";

/** Where the level of a sequence changed, before commits are known. */
export interface LevelChange extends Divide {
  /** The places that fit, by index: the logarithms of their likelihoods, less the greatest. */
  readonly fit: Float64Array;
  /** The index that the first of them is at. */
  readonly first: number;
  /** Of those, the ones that have 95 % of the likelihood: both ends included. */
  readonly between: readonly [number, number];
}

interface LevelSettings {
  readonly threshold: number;
  readonly least: number;
  readonly level: number;
  readonly nulls: SplitNull;
  readonly below: (bound: number) => number;
  /** Of neighbours. */
  readonly correlation: number;
}

/**
 * The changes of level in the logarithms of a series: where E-divisive divides it once what neighbours share is taken
 * out, less those divisions whose medians differ by less than the threshold, smallest first, each placed between its
 * neighbours where it fits best.
 */
export function levelChanges(logs: Float64Array, settings: LevelSettings): readonly LevelChange[] {
  const { least, correlation } = settings;
  const white = whitened(logs, correlation);
  const shift = logs.length - white.length;
  const divides = eDivisive(white, settings)
    .map(({ at, p }) => ({ at: at + shift, p }))
    .filter(({ at }) => at >= least);
  const placed = located(substantial(logs, divides, settings), logs, settings);
  return located(substantial(logs, placed, settings), logs, settings);
}

/**
 * The divisions across which the level changes: medians differ by the threshold at least, and by more than their own
 * noise explains, since what a division is at may be a change of the noise alone. The least of those that fail is left
 * out first, and the divisions beside it are judged anew.
 */
function substantial<Place extends Divide>(
  logs: Float64Array,
  divides: readonly Place[],
  { threshold, level, correlation }: LevelSettings,
): readonly Place[] {
  const kept = [...divides];
  for (;;) {
    const failing = kept.flatMap(({ at }, index) => {
      const [from, to] = around(logs, kept, index);
      const [before, after] = [logs.subarray(from, at), logs.subarray(at, to)];
      const step = Math.abs(median(after) - median(before));
      const holds = step >= Math.log1p(threshold) && levelShift(before, after, correlation) <= level;
      return holds ? [] : [{ index, step }];
    });
    if (failing.length === 0) return kept;
    kept.splice(failing.reduce((least, one) => (one.step < least.step ? one : least)).index, 1);
  }
}

/** From the division before one to the division after it. */
function around(
  values: ArrayLike<number>,
  divides: readonly Divide[],
  index: number,
): readonly [number, number] {
  return [divides[index - 1]?.at ?? 0, divides[index + 1]?.at ?? values.length];
}

/** Each where it fits best between its neighbours, from left to right. */
function located(
  divides: readonly Divide[],
  logs: Float64Array,
  { least, correlation }: LevelSettings,
): readonly LevelChange[] {
  const moved: Divide[] = [...divides];
  return divides.map(({ at, p }, index) => {
    const [from, to] = around(logs, moved, index);
    const stretch = logs.subarray(from, to);
    let location = stepLocation(stretch, at - from, least, correlation);
    // Levels were those on both sides of the old place.
    location = stepLocation(stretch, location.best, least, correlation);
    const first = from + location.first;
    moved[index] = { at: from + location.best, p };
    const [low, high] = likelyPlaces(location.fit, 0.95);
    return { ...moved[index], fit: location.fit, first, between: [first + low, first + high] };
  });
}

/** A ratio of two levels with its 95 % interval; without one if either has too few values. */
export function levelRatio(
  before: Float64Array,
  after: Float64Array,
  correlation: number,
): { readonly ratio: number; readonly low: number; readonly high: number } {
  const found = bootstrapRatio(before, after);
  const ratio = median(after) / median(before);
  if (found === null) return { ratio, low: 0, high: Number.POSITIVE_INFINITY };
  // Values whose neighbours correlate count as so many fewer.
  const wider = Math.sqrt((1 + correlation) / (1 - correlation));
  return { ratio, low: ratio * (found.low / ratio) ** wider, high: ratio * (found.high / ratio) ** wider };
}
