import type { RoundLine } from "../core/result-lines.ts";
import { median } from "../stats/median.ts";

/** Fewer rounds than these tell nothing about their spread. */
const LEAST_ROUNDS = 6;
/** The first round may be this much slower than the median of the others. */
const FIRST_ROUND = 1.2;
/** A round may be this many times the usual distance from the median away from it … */
const FAR_OFF = 10;
/** … and anything nearer than this is no outlier, however alike the others are. */
const LEAST_DISTANCE = 0.1;
/** A timed batch must be this many steps of the clock long. */
export const CLOCK_STEPS = 100;

/** What the rounds of one case look like, where they look odd, and what to do about it. */
export function spreadWarnings(rounds: readonly RoundLine[], clockStep: number): readonly string[] {
  const warnings: string[] = [];
  const shortest = Math.min(
    ...rounds.flatMap(({ samples, calls }) => samples.map((sample) => sample * calls)),
  );
  if (shortest < CLOCK_STEPS * clockStep) {
    warnings.push("the clock is too coarse for such short calls: measure longer sequences or more heads");
  }
  if (rounds.length < LEAST_ROUNDS) return warnings;
  const medians = rounds.toSorted((a, b) => a.round - b.round).map(({ samples }) => median(samples));
  const [first, ...later] = medians;
  if (first > FIRST_ROUND * median(later)) {
    warnings.push(
      "the first round was slower than the others, code or caches were cold: ask for more rounds",
    );
  }
  const middle = median(medians);
  const usual = median(medians.map((value) => Math.abs(value - middle)));
  const outliers = later.filter(
    (value) => Math.abs(value - middle) > Math.max(FAR_OFF * usual, LEAST_DISTANCE * middle),
  );
  if (outliers.length > 0) {
    warnings.push(
      "some rounds were far off the others: something else was running, run again at a quiet time",
    );
  }
  return warnings;
}
