import type { Results } from "../case-row.ts";
import { withLimits } from "../limit-columns.ts";
import type { MergedShard } from "../merged-shards.ts";
import type { ReadResults } from "../read.ts";
import { identityKey } from "../schema/identity.ts";
import type { CaseLine, PlannedCase, RoundLine, RunLine } from "../schema/result-lines.ts";
import { mergedEnvironment } from "./merged-environment.ts";
import { type CaseOfShard, pooledCase } from "./pool-case.ts";

/** A run that says which shard it is. */
export interface ShardRun extends Pick<ReadResults, "lines"> {
  readonly run: RunLine & { readonly shard: NonNullable<RunLine["shard"]> };
}

/**
 * Runs of one class of machines in one place as one: each case once, with the rounds of all shards that measured it. Rounds
 * are numbered anew, so that no two shards share one: whatever pairs cases by rounds stays within a shard, on one machine.
 * `name` is for captions. All name the same baseline.
 */
export function mergeRuns(name: string, runs: readonly [ShardRun, ...ShardRun[]]): Results {
  const [first] = runs;
  const begun = beginnings(runs);
  const nameOf = caseNames();
  const plans = new Map<string, PlannedCase>();
  const planned = new Map<string, number>();
  const shards: MergedShard[] = [];
  const cases = new Map<string, [CaseOfShard, ...CaseOfShard[]]>();
  const rounds: RoundLine[] = [];
  for (const [index, { run, lines }] of runs.entries()) {
    const block = shards.at(-1)?.end ?? 0;
    const own = linesOf(lines);
    const end =
      block + 1 + own.rounds.reduce((most, { round }) => Math.max(most, round), run.plan.rounds - 1);
    shards.push({ ...shardOf(run), block, end });
    const nameIn = new Map<string, string>();
    const input = inputOf({ run, lines });
    for (const one of run.plan.cases) {
      const called = nameOf(one, input);
      nameIn.set(one.case, called);
      planned.set(called, (planned.get(called) ?? 0) + run.plan.rounds);
      if (!plans.has(called)) plans.set(called, { ...one, case: called });
    }
    const renamed = own.rounds.map((round) => ({
      ...round,
      case: nameIn.get(round.case) ?? round.case,
      round: block + round.round,
      at_s: begun[index] + round.at_s,
    }));
    for (const round of renamed) rounds.push(round);
    const roundsOf = Map.groupBy(renamed, (round) => round.case);
    for (const line of own.cases.values()) {
      const called = nameIn.get(line.case) ?? line.case;
      const one = { line: { ...line, case: called }, rounds: roundsOf.get(called) ?? [], block, end };
      const known = cases.get(called);
      if (known === undefined) cases.set(called, [one]);
      else known.push(one);
    }
  }
  const heads = runs.map(({ run }) => run);
  const environment = mergedEnvironment([
    first.run.environment,
    ...heads.slice(1).map((run) => run.environment),
  ]);
  const { sweep, machine, baseline } = first.run.shard;
  return {
    name,
    run: mergedHead(heads, environment, [...plans.values()], begun),
    rows: withLimits([...cases.values()].map(pooledCase), environment, baseline),
    rounds: rounds.filter((round) => cases.has(round.case)),
    merged: { sweep, machine, shards, planned },
  };
}

/** What the cases of a run take in, as they call it; of one without cases, as its plan does. */
export function inputOf({ run, lines }: ShardRun): string {
  return lines.find((line) => line.type === "case")?.input ?? run.plan.input;
}

/** The cases of a run, of which a later line replaces an earlier one, and its rounds. */
function linesOf(lines: ShardRun["lines"]) {
  const cases = new Map<string, CaseLine>();
  const rounds: RoundLine[] = [];
  for (const line of lines) {
    if (line.type === "case") cases.set(line.case, line);
    else rounds.push(line);
  }
  return { cases, rounds };
}

function shardOf({ shard, started, environment, plan }: ShardRun["run"]): Omit<MergedShard, "block" | "end"> {
  const { load, cores_allowed = null } = environment;
  return {
    name: shard.name,
    repeat: shard.repeat,
    started,
    load,
    seed: plan.seed,
    input: plan.input,
    cores_allowed,
  };
}

/** One head for all: what they planned, from when the first began. */
function mergedHead(
  heads: readonly ShardRun["run"][],
  environment: RunLine["environment"],
  cases: readonly PlannedCase[],
  begun: readonly number[],
): RunLine {
  const { shard: _, ...first } = heads[begun.indexOf(0)] ?? heads[0];
  const most = (of: (plan: RunLine["plan"]) => number) =>
    heads.reduce((largest, { plan }) => Math.max(largest, of(plan)), 0);
  const given = [...new Set(heads.flatMap((one) => one.given_inputs ?? []))];
  return {
    ...first,
    plan: {
      ...first.plan,
      rounds: most((plan) => plan.rounds),
      budget_s: most((plan) => plan.budget_s),
      deadline_s: most((plan) => plan.deadline_s),
      plugins: [...new Set(heads.flatMap(({ plan }) => plan.plugins))],
      cases: [...cases],
    },
    environment,
    ...(given.length > 0 && { given_inputs: given }),
  };
}

/**
 * Names cases by what they are, as their runs do, and tells those apart that differ only in what is no part of a name, such
 * as the input.
 */
function caseNames(): (one: PlannedCase, input: string) => string {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  return (one, input) => {
    const key = identityKey({ ...one, input });
    const known = names.get(key);
    if (known !== undefined) return known;
    const free = freeName(taken, [one.case, `${one.case}/${input}`]);
    names.set(key, free);
    taken.add(free);
    return free;
  };
}

function freeName(taken: ReadonlySet<string>, wished: readonly string[]): string {
  const free = wished.find((name) => !taken.has(name));
  if (free !== undefined) return free;
  for (let copy = 2; ; copy++) {
    const name = `${wished[0]} (${copy})`;
    if (!taken.has(name)) return name;
  }
}

/** Seconds from when the first run began to when each did; one that does not tell when begins with the first. */
function beginnings(runs: readonly ShardRun[]): readonly number[] {
  const times = runs.map(({ run }) => Date.parse(run.started));
  const least = times
    .filter((time) => !Number.isNaN(time))
    .reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  return times.map((time) => (time >= least ? (time - least) / 1000 : 0));
}
