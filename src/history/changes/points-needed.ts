import { energySplit } from "../../stats/energy-split.ts";
import { logChoose } from "../../stats/log-choose.ts";
import { permutationsOf } from "./permutations.ts";
import type { ChangeSettings } from "./settings.ts";

/**
 * The points that a series needs for any change to be found among `judged` series: as many as it takes until one that halves
 * the series without any noise is rarer, among its permutations, than a false alarm may be.
 */
export function pointsNeeded(judged: number, settings: ChangeSettings): number {
  const { least, falseAlarms } = settings;
  const level = falseAlarms / Math.max(1, judged);
  const nulls = permutationsOf(settings);
  let half = least;
  // Two of all ways to choose half of the points are as extreme: no test finds a smaller p.
  while (Math.LN2 - logChoose(2 * half, half) > Math.log(level)) half++;
  for (; ; half++) {
    const split = energySplit(Float64Array.from(nulls.scores(2 * half)), least);
    if (split === null || nulls.pValue(split.statistic, 2 * half, level) <= level) return 2 * half;
  }
}
