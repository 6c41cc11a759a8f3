import { trainedKey } from "../../record/learned.ts";
import { rateChoice } from "../../record/schema/chosen-rate.ts";
import type { StudiedCell, StudyLine, TrainedLine } from "../../record/schema/learning-lines.ts";

/** One run of a study: what names it. */
export type RunName = Pick<TrainedLine, "cell" | "role" | "rate" | "seed">;

/** How often a cell may be given one rate more because the best is at an end of those tried. */
const MOST_WIDENINGS = 2;

/** Rates follow one another by about √10, as `.003, .01, .03`. */
const STEPS = [1, 3] as const;

/**
 * The runs of a cell that can begin once those in `runs` have ended: first every rate of the shared grid with every seed that
 * chooses, on validation data; then, if the best rate is at an end, the next beyond it, at most twice; then the seeds that are
 * reported, at the best. None if the cell is done. It follows from the file alone, so that a study that was killed goes on as if it
 * had not been.
 */
export function nextRuns(
  study: StudyLine,
  cell: StudiedCell,
  runs: readonly TrainedLine[],
): readonly RunName[] {
  if (cell.unsupported !== null) return [];
  const own = runs.filter((run) => run.cell === cell.cell);
  const done = new Set(own.map(trainedKey));
  const missing = (role: RunName["role"], rates: readonly number[], seeds: readonly number[]) =>
    rates
      .flatMap((rate) => seeds.map((seed) => ({ cell: cell.cell, role, rate, seed })))
      .filter((run) => !done.has(trainedKey(run)));
  if (cell.rate !== null) return missing("test", [cell.rate], study.test_seeds);
  const choosing = missing("choosing", study.rates, study.choosing_seeds);
  if (choosing.length > 0) return choosing;
  // What was begun beyond the grid is finished first.
  const beyond = [...new Set(own.flatMap(({ role, rate }) => (role === "choosing" ? [rate] : [])))];
  const begun = missing("choosing", beyond, study.choosing_seeds);
  if (begun.length > 0) return begun;
  const { best, edge } = rateChoice(cell.cell, study, own);
  // Where every rate diverged, or nothing could be trained, there is nothing to report.
  if (best === null) return [];
  const widened = beyond.length - new Set(study.rates).size;
  if (edge !== null && widened < MOST_WIDENINGS) {
    return missing("choosing", [beyondEdge(best.rate, edge)], study.choosing_seeds);
  }
  return missing("test", [best.rate], study.test_seeds);
}

/** The next rate beyond one: of 1 and 3 times a power of ten. */
export function beyondEdge(rate: number, edge: "smallest" | "largest"): number {
  const exponent = Math.floor(Math.log10(rate) + 1e-9);
  const candidates = [exponent - 1, exponent, exponent + 1].flatMap((power) =>
    STEPS.map((digit) => Number(`${digit}e${power}`)),
  );
  const apart = 1 + 1e-9;
  const beyond =
    edge === "smallest"
      ? candidates.filter((one) => one * apart < rate).at(-1)
      : candidates.find((one) => one > rate * apart);
  return beyond ?? rate;
}

/** The fewest runs that a cell still comes to after those in `runs`, by what they are for. */
export function runsLeftOf(
  study: StudyLine,
  cell: StudiedCell,
  runs: readonly TrainedLine[],
): { readonly choosing: number; readonly tests: number } {
  const next = nextRuns(study, cell, runs);
  const choosing = next.filter(({ role }) => role === "choosing").length;
  return { choosing, tests: choosing > 0 ? study.test_seeds.length : next.length };
}

/** The fewest runs that a study still comes to after those in `runs`. */
export function runsLeft(study: StudyLine, runs: readonly TrainedLine[]): number {
  return study.cells.reduce((sum, cell) => {
    const { choosing, tests } = runsLeftOf(study, cell, runs);
    return sum + choosing + tests;
  }, 0);
}
