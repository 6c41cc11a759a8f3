import { energySplit } from "../../stats/energy-split.ts";
import { logChoose } from "../../stats/log-choose.ts";
import { permutationsOf } from "./permutations.ts";
import type { ChangeSettings } from "./settings.ts";

/**
 * The points that a series needs for any change to be found among `judged` series: as many as it takes until one that
 * nearly halves the series, without any noise, is rarer among its permutations than a false alarm may be; and one more,
 * which it costs to take out what neighbours share.
 */
export function pointsNeeded(judged: number, settings: ChangeSettings): number {
  const { least, falseAlarms } = settings;
  const level = falseAlarms / Math.max(1, judged);
  const nulls = permutationsOf(settings);
  let half = least + 1;
  // Two of all ways to choose half of the points are as extreme: no test finds a smaller p.
  while (Math.LN2 - logChoose(2 * half, half) > Math.log(level)) half++;
  for (; ; half++) {
    const scores = nulls.scores(2 * half);
    const step = Float64Array.of(
      ...alternating(scores.subarray(0, half - 1)),
      ...alternating(scores.subarray(half - 1)),
    );
    const split = energySplit(step, least);
    if (split === null || nulls.pValue(split.statistic, 2 * half, level / MARGIN) <= level / MARGIN) {
      return 2 * half + 1;
    }
  }
}

/** p-values from draws scatter by a third. */
const MARGIN = 3;

/** Lowest, highest, next lowest and so on, of ascending values: no stretch of them is a level of its own. */
function alternating(ascending: Float64Array): Float64Array {
  return ascending.map(
    (_, index) => ascending[index % 2 === 0 ? index / 2 : ascending.length - (index + 1) / 2],
  );
}
