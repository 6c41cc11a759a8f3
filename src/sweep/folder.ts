import { join } from "node:path";

/**
 * A sweep's folder. Everything in it can be read and changed by a person, and copied or shared between machines:
 *
 * - `plan.yaml`: the plan as it was given
 * - `sweep.json`: the shards that it became
 * - `shards/<name>.part.jsonl`: results of a shard under way, of which a killed one leaves what was measured
 * - `shards/<name>.jsonl`: results of a shard that is done; the name is given when all is in it
 * - `shards/<name>.other-<n>.jsonl`: what was measured of it on a machine where it did not go on, or was damaged
 * - `shards/<name>.lock`: who measures it now
 * - `shards/<name>.failed`: why it ended without being done, until it is begun again
 * - `logs/<name>.log`: what it said
 * - `jobs.jsonl`: what was handed to which engine, under which id
 * - `hand-over.lock`: who hands shards to an engine now
 * - `here-<host>.lock`: who measures the sweep's shards on that machine
 * - `slurm/`, `kubernetes/`: scripts and manifests, one a class of machines
 */
export function placesIn(folder: string) {
  const shard = (name: string, ending: string) => join(folder, "shards", `${name}${ending}`);
  return {
    plan: join(folder, "plan.yaml"),
    sweep: join(folder, "sweep.json"),
    jobs: join(folder, "jobs.jsonl"),
    shards: join(folder, "shards"),
    logs: join(folder, "logs"),
    part: (name: string) => shard(name, ENDINGS.part),
    done: (name: string) => shard(name, ENDINGS.done),
    other: (name: string, nth: number) => shard(name, `.other-${nth}.jsonl`),
    lock: (name: string) => shard(name, ENDINGS.lock),
    failed: (name: string) => shard(name, ENDINGS.failed),
    log: (name: string) => join(folder, "logs", `${name}.log`),
    handOver: join(folder, "hand-over.lock"),
    /** A host's name is a stranger's text. */
    here: (host: string) => join(folder, `here-${host.replaceAll(/[^\w.-]/g, "_").slice(0, 80)}.lock`),
  } as const;
}

/** How the names of a shard's files end. */
export const ENDINGS = { part: ".part.jsonl", done: ".jsonl", lock: ".lock", failed: ".failed" } as const;

/** The words by which any engine has a shard measured, after the program: the same on every machine. */
export function workWords(folder: string, shard: string): readonly string[] {
  return ["sweep", "work", folder, "--shard", shard];
}
