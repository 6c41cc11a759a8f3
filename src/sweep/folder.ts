import { join } from "node:path";

/**
 * A sweep's folder. Everything in it can be read and changed by a person, and copied or shared between machines:
 *
 * - `plan.yaml`: the plan as it was given
 * - `sweep.json`: the shards that it became
 * - `shards/<name>.part.jsonl`: results of a shard under way, of which a killed one leaves what was measured
 * - `shards/<name>.jsonl`: results of a shard that is done; the name is given when all is in it
 * - `shards/<name>.lock`: who measures it now
 * - `logs/<name>.log`: what it said
 * - `jobs.jsonl`: what was handed to which engine, under which id
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
    part: (name: string) => shard(name, ".part.jsonl"),
    done: (name: string) => shard(name, ".jsonl"),
    lock: (name: string) => shard(name, ".lock"),
    log: (name: string) => join(folder, "logs", `${name}.log`),
  } as const;
}

/** The words by which any engine has a shard measured, after the program: the same on every machine. */
export function workWords(folder: string, shard: string): readonly string[] {
  return ["sweep", "work", folder, "--shard", shard];
}
