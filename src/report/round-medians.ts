import type { CaseRow } from "../record/case-row.ts";
import type { RoundLine } from "../record/schema/result-lines.ts";
import { median } from "../stats/median.ts";

/** The median of each round of one case, by the round's number. */
export type RoundMedians = ReadonlyMap<number, number>;

/** The medians of the rounds of each case, by the case's name. */
export type RoundTimes = ReadonlyMap<string, RoundMedians>;

export function roundTimes(rounds: readonly RoundLine[]): RoundTimes {
  const times = new Map<string, Map<number, number>>();
  for (const { case: name, round, samples } of rounds) {
    const known = times.get(name) ?? new Map<number, number>();
    times.set(name, known.set(round, median(samples)));
  }
  return times;
}

/** The medians of these cases in each round that all of them have, a list a round; those of zero, which have no logarithm, left out. */
export function sharedRounds(rows: readonly CaseRow[], times: RoundTimes): readonly (readonly number[])[] {
  const medians = rows.map((row) => times.get(row.case));
  return [...(medians[0]?.keys() ?? [])]
    .map((round) => medians.map((one) => one?.get(round) ?? 0))
    .filter((values) => values.every((value) => value > 0 && value < Number.POSITIVE_INFINITY));
}
