import type { CaseRow } from "../record/case-row.ts";
import type { ShardTimes } from "../record/merged-shards.ts";
import { LEAST_BLOCKS } from "../stats/block-ratio.ts";
import { median } from "../stats/median.ts";
import type { MediansByCase } from "../stats/round-medians.ts";

/**
 * The medians of these cases in each round that all of them have, one list per round; zeros, which have no
 * logarithm, are omitted. If they share six shards or more there is one list per shard instead, of medians over its rounds:
 * rounds within a process are not independent of one another.
 */
export function sharedRounds(
  rows: readonly CaseRow[],
  medians: MediansByCase,
): readonly (readonly number[])[] {
  const own = rows.map((row) => medians.get(row.case));
  const shared = [...(own[0]?.keys() ?? [])]
    .map((round) => ({ round, values: own.map((one) => one?.get(round) ?? 0) }))
    .filter(({ values }) => values.every((value) => value > 0 && value < Number.POSITIVE_INFINITY));
  const shards = sharedShards(rows);
  if (shards === null) return shared.map(({ values }) => values);
  const byShard = shards
    .map(({ block, end }) =>
      shared.filter(({ round }) => block <= round && round < end).map(({ values }) => values),
    )
    .filter((rounds) => rounds.length > 0);
  if (byShard.length < LEAST_BLOCKS) return byShard.flat();
  return byShard.map((rounds) => rows.map((_, at) => median(rounds.map((values) => values[at]))));
}

/** The shards that measured all of these cases; null if their results were not merged of several. */
function sharedShards(rows: readonly CaseRow[]): readonly ShardTimes[] | null {
  const [first, ...others] = rows.map(({ shards }) => shards ?? null);
  if (first === undefined || first === null || others.includes(null)) return null;
  const blocks = others.map((shards) => new Set(shards?.map(({ block }) => block)));
  return first.filter(({ block }) => blocks.every((known) => known.has(block)));
}
