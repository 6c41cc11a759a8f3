import { FailureError, printable } from "../../core/errors.ts";
import { summarize } from "../../record/case-row.ts";
import type { ShardRun } from "../../record/collection/merge-runs.ts";
import type { ReadResults } from "../../record/read.ts";
import type { Identified } from "../../record/schema/identity.ts";
import { overviewCollector } from "../../report/overview/collector.ts";
import type { Overview } from "../../report/overview/overview.ts";
import { overviewOf } from "../../report/overview/overview-of.ts";
import { placeSorter } from "./places.ts";

/** A collection of a sweep that was read once: what it holds, and where. */
export interface Collection {
  readonly path: string;
  readonly overview: Overview;
  /** A case of each setting, by the index that facets have. */
  readonly settings: readonly Identified[];
  /** In the order of the file. */
  readonly shards: readonly IndexedShard[];
  /** The same with their lines, if they are few enough to be kept. */
  readonly kept: readonly ShardRun[] | null;
  /** Whether the file ends within a line. */
  readonly truncated: boolean;
}

/** A shard by name, where it lies in a file of lines, in bytes, and which facets it has cases of, by their indices. */
export interface IndexedShard {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly facets: readonly number[];
}

/** Cases up to which the lines of a collection are kept, so that they need not be read again. */
const MOST_KEPT = 5000;

/**
 * Reads a collection whose first run was read already. One shard is in memory at a time, and some numbers of each case.
 * `onShard` is told how many were read.
 */
export async function readCollection(
  path: string,
  first: ReadResults,
  others: AsyncIterable<ReadResults>,
  onShard: (shards: number) => void = () => {},
): Promise<Collection> {
  const sorter = placeSorter(path);
  const collector = overviewCollector();
  const shards: IndexedShard[] = [];
  let kept: ShardRun[] | null = [];
  let cases = 0;
  let truncated = false;
  const take = (read: ReadResults): void => {
    const shard = shardRun(path, read);
    const summed = summarize(path, shard.run, shard.lines);
    const facets = collector.take(sorter.take(shard.run), summed);
    shards.push({ name: shard.run.shard.name, from: shards.at(-1)?.to ?? 0, to: read.validBytes, facets });
    truncated = read.truncated;
    cases += summed.rows.length;
    if (cases > MOST_KEPT) kept = null;
    kept?.push(shard);
    onShard(shards.length);
  };
  take(first);
  for await (const read of others) take(read);
  const collected = collector.end();
  const { overview, facetAt } = overviewOf(first.run.shard?.sweep ?? "", sorter.places(), collected);
  return {
    path,
    overview,
    settings: collected.settings,
    shards: shards.map(({ facets, ...where }) => ({ ...where, facets: facets.map((one) => facetAt[one]) })),
    kept,
    truncated,
  };
}

/** A run of a collection. What variants learned is no part of a sweep. */
export function shardRun(path: string, { run, lines }: ReadResults): ShardRun {
  const { shard } = run;
  if (shard === undefined) {
    throw new FailureError(
      `results: ${printable(path)}: every run of a collection must say which shard it is, got one that does not; attnbench sweep collect writes collections`,
    );
  }
  return { run: { ...run, shard }, lines };
}
