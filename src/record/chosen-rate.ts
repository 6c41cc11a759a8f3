import type { StudiedCell, StudyLine, TrainedLine } from "./schema/learning-lines.ts";

/** A rate, and how well it did on validation data. */
export interface TriedRate {
  readonly rate: number;
  /** The mean accuracy over the seeds that choose; 0 where a run diverged or failed. */
  readonly accuracy: number;
}

/** What choosing the rate of a cell has come to. */
export interface RateChoice {
  /** Those that every seed that chooses was run with, from the smallest on. */
  readonly tried: readonly TriedRate[];
  /** The best of them, of equals the smallest; null if none was tried. */
  readonly best: TriedRate | null;
  /** Whether that is the smallest or the largest tried, so that the next might be better still. */
  readonly edge: "least" | "most" | null;
}

/** The rates that a cell was tried with, and the best of them. */
export function rateChoice(
  cell: string,
  { choosing_seeds: seeds }: Pick<StudyLine, "choosing_seeds">,
  runs: readonly TrainedLine[],
): RateChoice {
  const own = runs.filter((run) => run.cell === cell && run.role === "choosing");
  const rates = [...new Set(own.map(({ rate }) => rate))].sort((a, b) => a - b);
  const tried = rates.flatMap((rate): readonly TriedRate[] => {
    const ofRate = own.filter((run) => run.rate === rate);
    if (ofRate.length < seeds.length) return [];
    return [{ rate, accuracy: ofRate.reduce((sum, run) => sum + (run.accuracy ?? 0), 0) / ofRate.length }];
  });
  const best = tried.reduce<TriedRate | null>(
    (most, one) => (most === null || one.accuracy > most.accuracy ? one : most),
    null,
  );
  const edge = best === null ? null : best === tried[0] ? "least" : best === tried.at(-1) ? "most" : null;
  return { tried, best, edge };
}

/** The rate by which a cell's reported runs were, or are to be, trained; null if none is chosen yet. */
export function rateOf(
  { cell, rate }: Pick<StudiedCell, "cell" | "rate">,
  study: Pick<StudyLine, "choosing_seeds">,
  runs: readonly TrainedLine[],
): number | null {
  if (rate !== null) return rate;
  const tested = runs.find((run) => run.cell === cell && run.role === "test");
  return tested?.rate ?? rateChoice(cell, study, runs).best?.rate ?? null;
}
