import type { Learned } from "../../../record/learned.ts";
import { named } from "../../../text/cut-text.ts";
import { learnedRows } from "../../learning/learned-rows.ts";
import { aboveReach } from "./above-reach.ts";
import type { LearnedCheck } from "./check.ts";
import { notConverged } from "./not-converged.ts";
import { otherRate } from "./other-rate.ts";
import { rateAtEdge } from "./rate-at-edge.ts";
import { seedsDiffer } from "./seeds-differ.ts";
import { seedsLost } from "./seeds-lost.ts";
import { seedsMissing } from "./seeds-missing.ts";
import { unequalParameters } from "./unequal-parameters.ts";

/** The checks of studies, in the order in which they report. A new one is a file here and a line below. */
const checks: readonly LearnedCheck[] = [
  aboveReach,
  seedsMissing,
  seedsLost,
  seedsDiffer,
  notConverged,
  otherRate,
  rateAtEdge,
  unequalParameters,
];

/** Variants named before the rest is counted. */
const MOST = 12;

/** What is odd about a study, each text once with the variants that it concerns. */
export function lintLearned(learned: Learned) {
  const rows = learnedRows(learned);
  const several = learned.study.tasks.length > 1;
  return checks.flatMap(({ id, find }) =>
    [...Map.groupBy(find(rows, learned.study), ({ text }) => text)].map(([text, alike]) => ({
      check: id,
      text,
      places: named(
        alike.map(({ row }) => (several ? `${row.label} on ${row.taskLabel}` : row.label)),
        MOST,
      ),
    })),
  );
}
