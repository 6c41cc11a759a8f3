import { hostname } from "node:os";
import process from "node:process";
import { FailureError } from "../../core/errors.ts";
import { holderText, isVisible, lookAtLock } from "../../files/lock-file.ts";
import { engineOf } from "../../sweep/engines/engines.ts";
import { placesIn } from "../../sweep/folder.ts";
import { ShardFiles } from "../../sweep/states.ts";
import { readSweep } from "../../sweep/sweep-file.ts";
import { expectedElsewhere } from "./expected-elsewhere.ts";

/** What was ended of a sweep, in words. */
export interface Cancelled {
  readonly ended: readonly string[];
}

/** Ends all that measures shards of a sweep, as far as it can be reached. What was measured stays. */
export async function cancelSweep(folder: string): Promise<Cancelled> {
  const { shards } = readSweep(folder);
  const { jobs, unknown } = await expectedElsewhere(folder, shards, new ShardFiles(folder));
  const ended: string[] = [];
  for (const { job } of jobs) {
    await engineOf(job.engine)?.cancel(job.id);
    ended.push(`${job.engine} ${job.id}, machines ${job.machine}`);
  }
  const held = lookAtLock(placesIn(folder).here(hostname()));
  if (held?.holder != null && isVisible(held.holder)) {
    process.kill(held.holder.pid, "SIGTERM");
    ended.push(holderText(held.holder));
  }
  for (const [engine, why] of unknown)
    throw new FailureError(`${engine}: cannot tell what it still measures, ${why}`);
  return { ended };
}
