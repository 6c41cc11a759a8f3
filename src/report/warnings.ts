import { printable } from "../core/errors.ts";
import type { CaseRow, Results } from "../record/case-row.ts";
import { variantInMode } from "../record/schema/baseline.ts";
import { countText } from "../text/count-text.ts";
import { formatLength, formatPercent } from "../text/format.ts";
import { driftBetweenShards } from "./drift.ts";
import { isLearnedOnly } from "./learning/learned-only.ts";
import { lint } from "./lint.ts";
import { machineWarnings } from "./machine-warnings.ts";
import { placedRemarks } from "./places.ts";

/** What a reader should know before believing the numbers: each warning once, with the cases it concerns. */
export function warningsOf(results: Results): readonly string[] {
  return [
    ...warningsOfRun(results),
    // How busy a machine is changes times, and no number that is learned.
    ...(isLearnedOnly(results) ? [] : machineWarnings(environmentOf(results))),
    ...warningsOfShards(results),
    ...warningsOfRounds(results),
    ...lint(results).map(({ text, places }) => `${places}: ${text}`),
  ];
}

/** More threads than cores take turns. */
export function threadsWarning(threads: number, cores: number): string {
  return `${countText(threads, "thread")} on ${countText(cores, "core")}, which take turns: ask for --threads ${cores} at most`;
}

/** Missing cases named before the rest is counted. */
const MOST_NAMED = 4;

/** Of shards that were merged it is told how many began on a busy machine. */
function environmentOf({ run: { environment }, merged }: Results): Results["run"]["environment"] {
  return merged === undefined ? environment : { ...environment, load: null };
}

function warningsOfShards({ run, rows, merged }: Results): readonly string[] {
  if (merged === undefined) return [];
  const warnings: string[] = [];
  const { cores } = run.environment;
  const busy = merged.shards.flatMap(({ load }) => (load !== null && load > cores ? [load] : []));
  if (busy.length > 0) {
    const most = busy.reduce((a, b) => Math.max(a, b));
    warnings.push(
      `${busy.length} of ${countText(merged.shards.length, "shard")} began on a busy machine, load up to ${most.toFixed(1)} on ${countText(cores, "core")}: give each shard a machine of its own`,
    );
  }
  const drift = driftBetweenShards(rows);
  if (drift !== null && drift - 1 > STEADY) {
    warnings.push(
      `the baseline took ${formatPercent(drift - 1)} longer in the slowest shard than in the fastest: machines of the class differ, or change their pace; times measured in different shards differ by as much for that reason alone, speed-ups are within a shard and do not`,
    );
  }
  return warnings;
}

/** By how much the pace of a machine may change from one shard to the next before it is worth mentioning. */
const STEADY = 0.05;

function warningsOfRun({ run, rows, merged }: Results): readonly string[] {
  const warnings: string[] = [];
  const present = new Set(rows.map((row) => row.case));
  const missing = run.plan.cases.filter((planned) => !present.has(planned.case));
  if (missing.length > 0) {
    const named = missing.slice(0, MOST_NAMED).map((one) => {
      return `${variantInMode(printable(one.variant, 40), one)} by ${printable(one.kernel, 40)} at ${formatLength(one.length)}`;
    });
    const more = missing.length > MOST_NAMED ? `; ${missing.length - MOST_NAMED} more` : "";
    // A browser's run cannot be resumed.
    const again = run.environment.browser === undefined ? "run it again with --resume" : "run it again";
    const why =
      merged === undefined
        ? `the run ended early; ${again}`
        : "a shard ended early; have attnbench sweep resume it, and collect again";
    warnings.push(
      `${missing.length} of the ${run.plan.cases.length} planned cases ${missing.length === 1 ? "is" : "are"} not in the file (${named.join("; ")}${more}): ${why}`,
    );
  }
  const measured = rows.filter((row) => row.rounds > 0);
  const bare = measured.filter((row) => row.low_s === null);
  if (bare.length > 0) {
    warnings.push(
      `${of(bare.length, measured.length)} no interval, which needs six rounds; raise ${merged === undefined ? "--rounds or --budget" : "rounds or budget in the plan"}`,
    );
  }
  const planned = (row: CaseRow) => merged?.planned.get(row.case) ?? run.plan.rounds;
  const short = measured.filter((row) => row.rounds < planned(row));
  if (short.length > 0) {
    warnings.push(
      `${of(short.length, measured.length)} fewer rounds than ${merged === undefined ? `the ${run.plan.rounds} planned` : "its shards planned"}`,
    );
  }
  const { cores } = run.environment;
  const threads = rows.reduce((most, row) => Math.max(most, row.threads), 1);
  if (threads > cores) warnings.push(threadsWarning(threads, cores));
  if (run.environment.dirty === true) {
    warnings.push("the code had changes that its commit does not hold: no one else can run the same code");
  }
  return warnings;
}

function warningsOfRounds({ rows }: Results): readonly string[] {
  return placedRemarks(rows, ({ remarks = [], warnings }) => [...remarks, ...warnings]).map(
    ({ text, places }) => `${printable(text, 500)} (${places})`,
  );
}

function of(some: number, all: number): string {
  if (some === all) return all === 1 ? "the one measured case has" : `all ${all} measured cases have`;
  return `${some} of ${all} measured cases ${some === 1 ? "has" : "have"}`;
}
