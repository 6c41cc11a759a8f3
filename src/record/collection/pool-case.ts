import { LEAST_BLOCKS } from "../../stats/block-ratio.ts";
import { median } from "../../stats/median.ts";
import { medianInterval } from "../../stats/median-interval.ts";
import { type TimedCase, timedCase } from "../case-row.ts";
import type { ShardTimes } from "../merged-shards.ts";
import type { CaseLine, RoundLine } from "../schema/result-lines.ts";

/** A case as one shard has it: its line, and its rounds with the numbers that no other shard has. */
export interface CaseOfShard {
  readonly line: CaseLine;
  readonly rounds: readonly RoundLine[];
  readonly block: number;
  readonly end: number;
}

/**
 * A case as several shards measured it: the median over all rounds, with the interval of as many. Rounds within one process
 * are not independent of one another, so with six shards or more median and interval are those over shards. Whatever failed
 * verification in one of them has failed, and has no time.
 */
export function pooledCase(all: readonly [CaseOfShard, ...CaseOfShard[]]): TimedCase {
  const timed = all.map((one) => ({ ...one, row: timedCase(one.line, one.rounds) }));
  const shards = timed.flatMap(({ row, block, end }) => shardTimes(row, block, end));
  const [first, ...others] = all;
  if (others.length === 0) return { ...timed[0].row, shards };
  const measured = timed.filter(({ row }) => row.outcome === "measured");
  const telling = timed.find(({ row }) => row.outcome === "failed") ?? measured.at(-1) ?? first;
  const line = { ...pooledLine(all), ...outcomeOf(timed.map(({ row }) => row)), case: telling.line.case };
  const rounds = line.outcome === "measured" ? measured.flatMap((one) => one.rounds) : [];
  const row = timedCase(line, rounds);
  if (line.outcome !== "measured") return { ...row, shards };
  return { ...row, ...(shards.length < LEAST_BLOCKS ? {} : overShards(shards)), shards };
}

function shardTimes(row: TimedCase, block: number, end: number): readonly ShardTimes[] {
  const { median_s, low_s, high_s, prepare_s } = row;
  return median_s === null ? [] : [{ block, end, median_s, low_s, high_s, prepare_s }];
}

function overShards(shards: readonly ShardTimes[]): Pick<TimedCase, "median_s" | "low_s" | "high_s"> {
  const medians = shards.map(({ median_s }) => median_s);
  const interval = medianInterval(medians);
  return { median_s: median(medians), low_s: interval?.low ?? null, high_s: interval?.high ?? null };
}

/** Fields that were timed once a shard: the median over shards. */
const TIMED_ONCE = ["prepare_s", "first_prepare_s", "prefill_s", "first_step_s"] as const;

/** What lines say of one case: what was timed once as the median, and the largest error. */
function pooledLine(all: readonly [CaseOfShard, ...CaseOfShard[]]): CaseLine {
  const lines = all.map(({ line }) => line);
  const measured = lines.filter(({ outcome }) => outcome === "measured");
  const last = measured.at(-1) ?? all[0].line;
  const once = TIMED_ONCE.flatMap((field) => {
    const values = measured.flatMap((line) => line[field] ?? []);
    return values.length === 0 ? [] : [[field, median(values)] as const];
  });
  const worst = lines.reduce((most, line) => ((line.gate_error ?? 0) > (most.gate_error ?? 0) ? line : most));
  const fidelity = lines.find(({ fidelity_on }) => fidelity_on !== undefined)?.fidelity_on;
  return {
    ...last,
    ...Object.fromEntries(once),
    gate_error: worst.gate_error,
    gate_budget: worst.gate_budget,
    ...(fidelity !== undefined && { fidelity_on: fidelity }),
  };
}

/** From the one that decides to the one that says least. */
const DECIDING = ["failed", "measured", "unproven", "skipped"] as const;

/** The outcome of all, and in how many shards it was another. */
function outcomeOf(rows: readonly TimedCase[]): Pick<CaseLine, "outcome" | "reason" | "remarks"> {
  const outcome = DECIDING.find((one) => rows.some((row) => row.outcome === one)) ?? "skipped";
  const told = (row: TimedCase) =>
    `${row.outcome} in ${rows.filter((one) => one.outcome === row.outcome).length} of ${rows.length} shards: ${row.reason ?? "no reason is told"}`;
  const others = rows.filter((row) => row.outcome !== outcome && row.outcome !== "measured").map(told);
  const remarks = [...new Set([...rows.flatMap((row) => row.remarks ?? []), ...others])];
  const [decided] = rows.filter((row) => row.outcome === outcome);
  const everywhere = rows.every((row) => row.outcome === outcome);
  return {
    outcome,
    reason: outcome === "measured" ? null : everywhere ? decided.reason : told(decided),
    ...(remarks.length > 0 && { remarks }),
  };
}
