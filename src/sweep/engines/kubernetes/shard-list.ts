import type { Shard } from "../../shard.ts";

/**
 * Which shard the pod of an index measures: the names, one a line, from index 0. A file in the sweep's folder and no
 * ConfigMap, which holds 1 MiB at most and would be a second thing to keep; and one for each job, so that a later job never
 * changes what the pods of an earlier one measure.
 */
export function shardList(shards: readonly Shard[]): string {
  return shards.map(({ name }) => `${name}\n`).join("");
}
