import { CLOCK_STEPS } from "../../core/clock-steps.ts";
import type { Environment, RoundLine } from "../../record/schema/result-lines.ts";
import { unitOf } from "../units.ts";
import { WORDS } from "../words.ts";
import { type Check, ofEachCase } from "./check.ts";

/** Calls that are too short for the clock. */
export const coarseClock: Check = {
  id: "coarse-clock",
  find: ofEachCase((row, rounds, { run }) =>
    isTooShort(rounds, run.environment) ? WORDS[unitOf(row)].tooShort : null,
  ),
};

/** Whether some batch of a case was too short for the clock, so that its times are only a few clock steps. */
export function isTooShort(rounds: readonly RoundLine[], { timer_resolution_s: step }: Environment): boolean {
  let shortest = Number.POSITIVE_INFINITY;
  for (const { samples, calls } of rounds) {
    for (const sample of samples) shortest = Math.min(shortest, sample * calls);
  }
  return shortest < CLOCK_STEPS * step;
}
