import { hashText, randomStream } from "../../core/random.ts";
import type { ChangePoint, Series } from "../entry.ts";
import { neighbourCorrelations } from "./neighbours.ts";
import { permutationsOf } from "./permutations.ts";
import { type LevelChange, levelChanges, levelRatio } from "./series-changes.ts";
import type { ChangeSettings } from "./settings.ts";
import { jointlyPlaced } from "./shared-place.ts";

/** A series and where it changed, oldest change first. */
export interface JudgedSeries {
  readonly series: Series;
  readonly changes: readonly ChangePoint[];
  /** How much the noise of neighbouring points is taken to be alike. */
  readonly correlation: number;
}

/**
 * The changes of every series of a history; `order` are its commits, oldest first. Series too short for two levels are
 * returned without any. A place that several cells share is found from all of them. The probability of any false alarm
 * is divided evenly among the series that are long enough (Bonferroni), whatever they have to do with one another.
 */
export function findChanges(
  all: readonly Series[],
  order: readonly string[],
  settings: ChangeSettings,
): readonly JudgedSeries[] {
  const { least, falseAlarms, seed, threshold } = settings;
  const sequences = all.map(({ machine, points }) => ({
    machine,
    values: Float64Array.from(points, ({ median_s }) => Math.log(median_s)),
  }));
  const judged = sequences.filter(({ values }) => values.length >= 2 * least).length;
  const correlations = neighbourCorrelations(sequences);
  const nulls = permutationsOf(settings);
  const found = sequences.map(({ values }, index): readonly LevelChange[] => {
    if (values.length < 2 * least) return [];
    const random = randomStream(seed, hashText("ties"), hashText(all[index].cell));
    const below = (bound: number) => random.below(bound);
    const correlation = correlations[index];
    return levelChanges(values, { threshold, least, level: falseAlarms / judged, nulls, below, correlation });
  });
  const placed = jointlyPlaced(
    all.map((series, index) => ({ series, values: sequences[index].values, changes: found[index] })),
    order,
  );
  return all.map((series, index) => ({
    series,
    changes: changePoints(series, placed[index], correlations[index]),
    correlation: correlations[index],
  }));
}

function changePoints(
  { points }: Series,
  changes: readonly LevelChange[],
  correlation: number,
): readonly ChangePoint[] {
  const seconds = Float64Array.from(points, ({ median_s }) => median_s);
  return changes.flatMap(({ at, p, between }, index) => {
    const from = changes[index - 1]?.at ?? 0;
    const to = changes[index + 1]?.at ?? points.length;
    const ratio = levelRatio(seconds.subarray(from, at), seconds.subarray(at, to), correlation);
    if (ratio.low <= 1 && 1 <= ratio.high) return [];
    return [{ index: at, before: points[at - 1].commit, first: points[at].commit, between, ...ratio, p }];
  });
}
