import { median } from "./median.ts";

/** A round of a case: its samples, seconds per call. */
interface Round {
  readonly case: string;
  readonly round: number;
  readonly samples: readonly number[];
}

/** The median of each round of one case, by the round's number. */
export type RoundMedians = ReadonlyMap<number, number>;

/** The medians of the rounds of each case, by the case's name. */
export type MediansByCase = ReadonlyMap<string, RoundMedians>;

/** The median of each round. If a round occurs twice the later counts. */
export function roundMedians(rounds: readonly Round[]): MediansByCase {
  const medians = new Map<string, Map<number, number>>();
  for (const { case: name, round, samples } of rounds) {
    const known = medians.get(name) ?? new Map<number, number>();
    medians.set(name, known.set(round, median(samples)));
  }
  return medians;
}
