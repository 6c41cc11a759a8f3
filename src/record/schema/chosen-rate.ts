import type { StudiedCell, StudyLine, TrainedLine } from "./learning-lines.ts";

/** A rate that was tried for a cell by every seed that chooses. */
export interface TriedRate {
  readonly rate: number;
  /**
   * The mean accuracy on validation data over those seeds, of which one that diverged or failed has none right; null if none was
   * trained.
   */
  readonly accuracy: number | null;
  /** The mean over those seeds of the step at which 99 % were right; null unless all of them got there. */
  readonly stepsTo99: number | null;
}

/** What choosing the rate of a cell has come to. */
export interface RateChoice {
  /** From the smallest on. */
  readonly tried: readonly TriedRate[];
  /** The best of them, of equals the first to reach 99 %, then the smallest; null if none was trained, or none tried. */
  readonly best: (TriedRate & { readonly accuracy: number }) | null;
  /**
   * At which end of those tried that is, so that the next beyond might be better still; null where the one beside it is as good, and
   * of a single one: there was no choice.
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
    .map(([rate, own]) => ({ rate, accuracy: meanOf(own), stepsTo99: meanSteps(own) }))
    .sort((a, b) => a.rate - b.rate);
  let best: RateChoice["best"] = null;
  for (const { accuracy, ...one } of tried) {
    if (accuracy === null) continue;
    const found = { ...one, accuracy };
    if (best === null || isBetter(found, best)) best = found;
  }
  if (best === null || tried.length < 2) return { tried, best, edge: null };
  const at = tried.findIndex(({ rate }) => rate === best.rate);
  const beside = tried[at === 0 ? 1 : tried.length - 2];
  if (beside.accuracy === best.accuracy) return { tried, best, edge: null };
  return { tried, best, edge: at === 0 ? "smallest" : at === tried.length - 1 ? "largest" : null };
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

/** Where all answers are right by several rates, the accuracy tells nothing of them, and how soon they are does. */
function isBetter(one: Scored, other: Scored): boolean {
  if (one.accuracy !== other.accuracy) return one.accuracy > other.accuracy;
  return (one.stepsTo99 ?? Number.POSITIVE_INFINITY) < (other.stepsTo99 ?? Number.POSITIVE_INFINITY);
}

type Scored = NonNullable<RateChoice["best"]>;

function meanSteps(runs: readonly TrainedLine[]): number | null {
  let sum = 0;
  for (const { steps_to_99: steps } of runs) {
    if (steps === null) return null;
    sum += steps;
  }
  return sum / runs.length;
}

function meanOf(runs: readonly TrainedLine[]): number | null {
  const trained = runs.flatMap(({ outcome, accuracy }) => (outcome === "trained" ? (accuracy ?? []) : []));
  if (trained.length === 0) return null;
  return trained.reduce((sum, accuracy) => sum + accuracy, 0) / runs.length;
}
