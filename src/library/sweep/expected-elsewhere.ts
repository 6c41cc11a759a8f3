import { messageOf } from "../../core/errors.ts";
import { engineOf } from "../../sweep/engines/engines.ts";
import { type Job, readJobLines } from "../../sweep/jobs.ts";
import type { Shard } from "../../sweep/shard.ts";
import type { ShardFiles } from "../../sweep/states.ts";

/** A job of which an engine still expects something. */
export interface LiveJob {
  readonly job: Job;
  readonly waiting: readonly string[];
  readonly running: readonly string[];
  /** What keeps them waiting, in the engine's words. */
  readonly remarks: readonly string[];
}

/** What engines still expect of a sweep. */
export interface Elsewhere {
  readonly jobs: readonly LiveJob[];
  /** Why an engine could not be asked, by its name. */
  readonly unknown: ReadonlyMap<string, string>;
}

/** Asks the engines about all that was handed to them, and is not done. */
export async function expectedElsewhere(
  folder: string,
  shards: readonly Shard[],
  files: ShardFiles,
): Promise<Elsewhere> {
  const open = new Set(shards.filter((one) => !files.isDone(one)).map(({ name }) => name));
  const jobs: LiveJob[] = [];
  const unknown = new Map<string, string>();
  for (const job of readJobLines(folder)) {
    if (job.type !== "job" || !job.shards.some((name) => open.has(name))) continue;
    const engine = engineOf(job.engine);
    if (engine === null || unknown.has(job.engine)) continue;
    const names = (at: readonly number[]) => at.flatMap((index) => job.shards[index] ?? []);
    try {
      const { waiting, running, remarks = [] } = await engine.look(job.id);
      if (waiting.length + running.length === 0) continue;
      jobs.push({ job, waiting: names(waiting), running: names(running), remarks });
    } catch (thrown) {
      unknown.set(job.engine, messageOf(thrown));
    }
  }
  return { jobs, unknown };
}
