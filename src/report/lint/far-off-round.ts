import type { RoundLine } from "../../record/schema/result-lines.ts";
import { median } from "../../stats/median.ts";
import { byShard, type Check } from "./check.ts";
import { LEAST_ROUNDS } from "./first-round.ts";

/** A round may be this many times the usual distance away from the median … */
const FAR_OFF = 10;
/** … and anything nearer than this is no outlier, however similar the others are. */
const LEAST_DISTANCE = 0.1;

/**
 * Rounds after the first that are far off the others. One text for all cases: how many per case, and how far
 * at most.
 */
export const farOffRound: Check = {
  id: "far-off-round",
  find({ series, rounds }) {
    const found = series.flatMap((one) =>
      one.rows.flatMap((row) => {
        const off = byShard(row, rounds.get(row.case) ?? []).flatMap(farOff);
        return off.length === 0 ? [] : [{ series: one, row, off }];
      }),
    );
    const most = Math.max(0, ...found.map(({ off }) => off.length));
    const furthest = Math.max(0, ...found.flatMap(({ off }) => off));
    const count = most === 1 ? "one round was" : `up to ${most} rounds were`;
    const text = `${count} far off the others, ${furthest.toFixed(1)}× at most: something else was running, run again at a quiet time (medians and intervals tolerate a few)`;
    return found.map(({ series, row }) => ({ text, series, row }));
  },
};

/** By what factor each round that is far off the others is off their median, upwards or downwards. */
function farOff(rounds: readonly RoundLine[]): readonly number[] {
  if (rounds.length < LEAST_ROUNDS) return [];
  const medians = rounds.map(({ samples }) => median(samples));
  const middle = median(medians);
  const usual = median(medians.map((value) => Math.abs(value - middle)));
  const reach = Math.max(FAR_OFF * usual, LEAST_DISTANCE * middle);
  return medians
    .slice(1)
    .filter((value) => Math.abs(value - middle) > reach)
    .map((value) => Math.max(value / middle, middle / value));
}
