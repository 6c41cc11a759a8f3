import type { RoundLine } from "../record/schema/result-lines.ts";
import { median } from "../stats/median.ts";

/** The median of each round of a case, by the round's number. */
export type RoundMedians = ReadonlyMap<number, number>;

/** The medians of a file's rounds by case. */
export function roundMedians(rounds: readonly RoundLine[]): ReadonlyMap<string, RoundMedians> {
  const medians = new Map<string, Map<number, number>>();
  for (const { case: name, round, samples } of rounds) {
    const known = medians.get(name) ?? new Map<number, number>();
    medians.set(name, known.set(round, median(samples)));
  }
  return medians;
}
