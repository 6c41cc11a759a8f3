import { median } from "../../stats/median.ts";
import { type Check, ofEachCase } from "./check.ts";
import { LEAST_ROUNDS } from "./first-round.ts";

/** A round may be this many times the usual distance from the median away from it … */
const FAR_OFF = 10;
/** … and anything nearer than this is no outlier, however alike the others are. */
const LEAST_DISTANCE = 0.1;

/** Rounds after the first that are far off the others. */
export const farOffRound: Check = {
  id: "far-off-round",
  find: ofEachCase((_, rounds) => {
    if (rounds.length < LEAST_ROUNDS) return null;
    const medians = rounds.map(({ samples }) => median(samples));
    const middle = median(medians);
    const usual = median(medians.map((value) => Math.abs(value - middle)));
    const reach = Math.max(FAR_OFF * usual, LEAST_DISTANCE * middle);
    return medians.slice(1).some((value) => Math.abs(value - middle) > reach)
      ? "some rounds were far off the others: something else was running, run again at a quiet time"
      : null;
  }),
};
