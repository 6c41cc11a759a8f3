import type { Results } from "../record/case-row.ts";
import { roundMedians } from "../stats/round-medians.ts";
import { checks } from "./lint/index.ts";
import { lintLearned } from "./lint/learned/index.ts";
import { placesOf } from "./places.ts";
import { seriesOf } from "./series.ts";

/** Something odd about some rows, or about what some variants learned. */
export interface Anomaly {
  /** The check that found it. */
  readonly check: string;
  /** What it is and what to do about it. */
  readonly text: string;
  /** The rows, such as `local at 1k, 2k; stride at 4k`. */
  readonly places: string;
}

/** Series named before the rest is counted: a finding is about rows, so they are named. */
const MOST = 12;

/** What is odd about the results, each text once with the rows it concerns. */
export function lint(results: Results): readonly Anomaly[] {
  const rounds = new Map(
    [...Map.groupBy(results.rounds, (round) => round.case)].map(
      ([name, own]) => [name, own.toSorted((a, b) => a.round - b.round)] as const,
    ),
  );
  const series = seriesOf(results.rows);
  const subject = { results, series, rounds, times: roundMedians(results.rounds) };
  const ofCases = checks.flatMap(({ id, find }) =>
    [...Map.groupBy(find(subject), ({ text }) => text)].map(([text, alike]) => ({
      check: id,
      text,
      places: placesOf(alike, MOST),
    })),
  );
  return results.learned === undefined ? ofCases : [...ofCases, ...lintLearned(results.learned)];
}
