import type { StudiedCell, StudyLine, TrainedLine } from "./learning-lines.ts";

/** A rate that was tried for a cell by every seed that chooses. */
export interface TriedRate {
  readonly rate: number;
  /**
   * The mean accuracy on validation data over those seeds, of which one that diverged or failed has none right; null if none was
   * trained.
   */
  readonly accuracy: number | null;
  /** The mean of the steps after which 99 % were right; infinite if one of those seeds did not come to that. */
  readonly steps: number;
}

/** What choosing the rate of a cell has come to. */
export interface RateChoice {
  /** From the smallest on. */
  readonly tried: readonly TriedRate[];
  /** The best of them, of equals the first to have 99 % right, then the smallest; null if none was trained, or none tried. */
  readonly best: (TriedRate & { readonly accuracy: number }) | null;
  /**
   * At which end of those tried that is, so that the next beyond might be better still; null of a single one, where there was no
   * choice, and where its neighbour is as good.
   */
  readonly edge: "smallest" | "largest" | null;
}

/** The rates that a cell was tried with, and the best of them: the rule of the protocol. */
export function rateChoice(
  cell: string,
  { choosing_seeds: seeds }: Pick<StudyLine, "choosing_seeds">,
  runs: readonly TrainedLine[],
): RateChoice {
  const choosing = runs.filter((run) => run.cell === cell && run.role === "choosing");
  const tried = [...Map.groupBy(choosing, ({ rate }) => rate)]
    .filter(([, own]) => own.length >= seeds.length)
    .map(([rate, own]) => ({ rate, accuracy: meanOf(own), steps: stepsOf(own) }))
    .sort((a, b) => a.rate - b.rate);
  let best: RateChoice["best"] = null;
  for (const { rate, accuracy, steps } of tried) {
    if (accuracy === null) continue;
    const isBetter =
      best === null || accuracy > best.accuracy || (accuracy === best.accuracy && steps < best.steps);
    if (isBetter) best = { rate, accuracy, steps };
  }
  return { tried, best, edge: best === null ? null : edgeOf(best, tried) };
}

function edgeOf({ rate, accuracy }: TriedRate, tried: readonly TriedRate[]): RateChoice["edge"] {
  const at = tried.findIndex((one) => one.rate === rate);
  const isAlone = (neighbour: TriedRate | undefined) =>
    neighbour !== undefined && (neighbour.accuracy ?? 0) < (accuracy ?? 0);
  if (at === 0 && isAlone(tried[1])) return "smallest";
  return at === tried.length - 1 && isAlone(tried.at(-2)) ? "largest" : null;
}

/** The rate by which a cell's reported runs were, or are to be, trained; null if none is chosen yet, or can be. */
export function rateOf(
  { cell, rate }: Pick<StudiedCell, "cell" | "rate">,
  study: Pick<StudyLine, "choosing_seeds">,
  runs: readonly TrainedLine[],
): number | null {
  if (rate !== null) return rate;
  const tested = runs.find((run) => run.cell === cell && run.role === "test");
  return tested?.rate ?? rateChoice(cell, study, runs).best?.rate ?? null;
}

function meanOf(runs: readonly TrainedLine[]): number | null {
  const trained = runs.flatMap(({ outcome, accuracy }) => (outcome === "trained" ? (accuracy ?? []) : []));
  if (trained.length === 0) return null;
  return trained.reduce((sum, accuracy) => sum + accuracy, 0) / runs.length;
}

function stepsOf(runs: readonly TrainedLine[]): number {
  return (
    runs.reduce((sum, { steps_to_99: steps }) => sum + (steps ?? Number.POSITIVE_INFINITY), 0) / runs.length
  );
}
