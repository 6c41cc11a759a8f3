import { COMPARE_DEFAULTS } from "../core/defaults.ts";
import { FailureError, printable } from "../core/errors.ts";
import { type CellFilter, cellFilter } from "./cell-filter.ts";
import { compareTimes } from "./compare-times.ts";
import type { Comparison, Side } from "./comparison.ts";
import { environmentDifferences, refuseOtherPlace } from "./environment-differences.ts";
import { type Failure, outcomeOf } from "./fail-on.ts";
import { type Grouping, groupCells } from "./group-cells.ts";
import { headlineOf, reasonsOf } from "./headline.ts";
import { inputDifferences } from "./input-differences.ts";
import { meanRatio } from "./mean-ratio.ts";
import { type ComparedFile, remarksOn, trustIn } from "./remarks.ts";
import { remarksOnMeans } from "./remarks-on-means.ts";
import { identitiesIn, timedCells } from "./timed-cells.ts";
import { type Quantity, type WorkSettings, workChanges } from "./work-changes.ts";

export interface CompareSettings {
  /** A share such as 0.03: a smaller change is never called one. */
  readonly threshold: number;
  readonly failOn: ReadonlySet<Failure>;
  readonly acceptedWork: ReadonlySet<Quantity>;
  /** Whether times may come from two machines or runtimes. */
  readonly acrossMachines: boolean;
  readonly filter: CellFilter;
  readonly groupBy: Grouping | null;
}

/** The defaults of `compare`. */
export const USUAL_SETTINGS: CompareSettings = {
  threshold: COMPARE_DEFAULTS.threshold,
  failOn: new Set(),
  acceptedWork: new Set(),
  acrossMachines: false,
  filter: {},
  groupBy: null,
};

/**
 * Compares one results file with another. Refuses two environments unless told otherwise, and files with no
 * comparable cell: comparing nothing is not a pass.
 */
export function compareResults(
  base: ComparedFile,
  head: ComparedFile,
  settings: CompareSettings = USUAL_SETTINGS,
): Comparison {
  refuseLearnedAlone(base);
  refuseLearnedAlone(head);
  if (!settings.acrossMachines) {
    refuseOtherPlace(environmentDifferences(base.run.environment, head.run.environment));
  }
  const comparison = comparisonOf(base, head, settings);
  if (comparison.cells.length === 0) refuseNothing(base, head, comparison.oneSided.length);
  return comparison;
}

/** The same without refusing, for readers who want to see what there is. */
export function comparisonOf(
  base: ComparedFile,
  head: ComparedFile,
  settings: CompareSettings = USUAL_SETTINGS,
): Comparison {
  const environment = environmentDifferences(base.run.environment, head.run.environment);
  const input = inputDifferences(base.run, head.run);
  const chosen = cellFilter(settings.filter, identitiesIn(base, head));
  const { timed, oneSided } = timedCells(base, head, chosen);
  const { seed } = base.run.plan;
  const cells = compareTimes(timed, settings.threshold);
  const workSettings: WorkSettings = {
    accepted: settings.acceptedWork,
    incomparable: new Set(input.length === 0 ? [] : ["gate_error"]),
  };
  const work = timed.flatMap((one) => workChanges(one.identity.case, one.base, one.head, workSettings));
  const outcome = outcomeOf({ cells, work, oneSided }, settings.failOn);
  const geometricMean = timed.length === 0 ? null : meanRatio(timed, seed);
  const judged = { outcome, cells, work, oneSided, geometricMean };
  const groups = settings.groupBy === null ? [] : [...groupCells(timed, settings.groupBy)];
  return {
    kind: "compare",
    base: sideOf(base),
    head: sideOf(head),
    ...judged,
    failsOn: [...settings.failOn],
    headline: headlineOf(judged),
    reasons: reasonsOf(judged, settings.failOn),
    groups: groups.map(([name, some]) => ({ name, cells: some.length, time: meanRatio(some, seed) })),
    differences: [...environment.map(({ kind: _, ...difference }) => difference), ...input],
    trust: trustIn(base, head, environment),
    remarks: [...remarksOn(base, head, environment, input), ...remarksOnMeans(cells)],
    margin: settings.threshold,
  };
}

/** What variants learned is not compared. */
function refuseLearnedAlone({ name, rows, run, learned }: ComparedFile): void {
  if (learned === undefined || rows.length > 0 || run.plan.cases.length > 0) return;
  throw new FailureError(
    `compare: must have times to compare, got only what variants learned in ${printable(name, 100)}; attnbench report puts several files into one page`,
  );
}

function refuseNothing(base: ComparedFile, head: ComparedFile, alone: number): never {
  const [before, after] = [base, head].map(({ name }) => printable(name, 100));
  const measured = [base, head].map(({ rows }) => rows.some(({ outcome }) => outcome === "measured"));
  if (measured.includes(false)) {
    const empty = measured[0] ? after : before;
    throw new FailureError(`compare: must have measured cells, got none in ${empty}; run it again`);
  }
  throw new FailureError(
    alone === 0
      ? `compare: a cell must be left to compare, got none of ${before} and ${after}; loosen --variants, --lengths, --kernel or --cells`
      : `compare: a cell must be measured in ${before} and in ${after}, got ${alone} that only one has; measure the same variants, lengths, mode, scale and input in both`,
  );
}

function sideOf({ name, run }: ComparedFile): Side {
  const { commit, dirty, cpu } = run.environment;
  return { name, commit, dirty, cpu };
}
