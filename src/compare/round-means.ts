import type { RoundLine } from "../record/schema/result-lines.ts";

/** The mean of one round of a case, and over how many calls. */
export interface RoundMean {
  readonly seconds: number;
  readonly calls: number;
}

/** The mean of each round of a case, by the round's number. */
export type RoundMeans = ReadonlyMap<number, RoundMean>;

/**
 * The means of a file's rounds by case, minus the time in which other programs ran if the file has it; no
 * call is taken to be faster than the fastest.
 */
export function roundMeans(rounds: readonly RoundLine[]): ReadonlyMap<string, RoundMeans> {
  const means = new Map<string, Map<number, RoundMean>>();
  for (const { case: name, round, samples, calls: callsPerSample, waited_s = 0 } of rounds) {
    const calls = samples.length * callsPerSample;
    const mean = samples.reduce((sum, one) => sum + one, 0) / samples.length;
    const fastest = samples.reduce((least, one) => Math.min(least, one), Number.POSITIVE_INFINITY);
    const seconds = Math.max(fastest, mean - waited_s / calls);
    const known = means.get(name) ?? new Map<number, RoundMean>();
    means.set(name, known.set(round, { seconds, calls }));
  }
  return means;
}
