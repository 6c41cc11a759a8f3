import { hostname } from "node:os";
import { printable } from "../../core/errors.ts";
import { lookAtLock } from "../../files/lock-file.ts";
import { placesIn } from "../../sweep/folder.ts";
import type { Shard } from "../../sweep/shard.ts";
import { ShardFiles } from "../../sweep/states.ts";
import { readSweep } from "../../sweep/sweep-file.ts";
import { expectedElsewhere, type LiveJob } from "./expected-elsewhere.ts";

/** Where the shards of a class are. Those handed to an engine that has not begun them are `queued`. */
export interface ClassStatus {
  readonly machine: string;
  readonly done: number;
  readonly running: number;
  readonly queued: number;
  readonly waiting: number;
  readonly failed: number;
  /** Predicted seconds of all that is not done. */
  readonly left_s: number;
}

export interface SweepStatus extends Omit<ClassStatus, "machine"> {
  readonly name: string;
  readonly engine: string;
  readonly shards: number;
  readonly machines: readonly ClassStatus[];
  /** The names of its shards by where they are, in the order of the plan. */
  readonly names: Readonly<Record<State, readonly string[]>>;
  readonly failures: readonly { readonly shard: Shard; readonly reason: string }[];
  readonly jobs: readonly LiveJob[];
  /** Whether a sweep measures here, on this machine. */
  readonly here: boolean;
  /** Why an engine could not be asked, by its name. */
  readonly unknown: ReadonlyMap<string, string>;
  /** Files of results that belong to no shard of the plan any more. */
  readonly strays: readonly string[];
}

type State = "done" | "running" | "queued" | "waiting" | "failed";

/** How far a sweep is, by its files, and by what its engines say. */
export async function statusOf(folder: string): Promise<SweepStatus> {
  const { name, engine, machines, shards } = readSweep(folder);
  const files = new ShardFiles(folder);
  const { jobs, unknown } = await expectedElsewhere(folder, shards, files);
  const running = new Set(jobs.flatMap((one) => one.running));
  const queued = new Set(jobs.flatMap((one) => one.waiting));
  const failures: { shard: Shard; reason: string }[] = [];
  const states = shards.map((shard): { readonly shard: Shard; readonly state: State } => {
    const { state, reason } = files.of(shard);
    if (state === "done" || state === "running") return { shard, state };
    if (running.has(shard.name)) return { shard, state: "running" };
    if (queued.has(shard.name)) return { shard, state: "queued" };
    if (state === "failed") failures.push({ shard, reason: reason ?? "" });
    return { shard, state };
  });
  const named = (wanted: State) =>
    states.filter(({ state }) => state === wanted).map(({ shard }) => shard.name);
  const summed = (machine: string | null) => {
    const own = states.filter(({ shard }) => machine === null || shard.machine === machine);
    const count = (wanted: State) => own.filter(({ state }) => state === wanted).length;
    return {
      done: count("done"),
      running: count("running"),
      queued: count("queued"),
      waiting: count("waiting"),
      failed: count("failed"),
      left_s: own.reduce((sum, { shard, state }) => sum + (state === "done" ? 0 : shard.predicted_s), 0),
    };
  };
  return {
    name,
    engine,
    shards: shards.length,
    ...summed(null),
    machines: Object.keys(machines).map((machine) => ({ machine, ...summed(machine) })),
    names: {
      done: named("done"),
      running: named("running"),
      queued: named("queued"),
      waiting: named("waiting"),
      failed: named("failed"),
    },
    failures,
    jobs,
    here: lookAtLock(placesIn(folder).here(hostname())) !== null,
    unknown,
    strays: files.strays(shards).map((one) => printable(one)),
  };
}
