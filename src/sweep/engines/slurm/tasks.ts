import type { Shard } from "../../shard.ts";
import type { SlurmSettings } from "./settings.ts";

/** Times its prediction that a task may take: predictions are of another machine than a node. */
export const MARGIN = 2;
/** Seconds until a task measures: modules are loaded, a shared file system is slow at first. */
export const START_S = 300;

/** How shards are dealt out: task `i` of an array has those at `i`, `i + tasks`, `i + 2 · tasks` and so on. */
export interface Tasks {
  readonly tasks: number;
  /** Of the task that has most. */
  readonly shardsPerTask: number;
  readonly cpus: number;
  /** Minutes that Slurm is asked for, in whole ones as it counts. */
  readonly minutes: number;
}

/**
 * One task a shard, as far as the array's size allows; else several in turn, and not several arrays: limits of how many
 * jobs one may hand over count tasks, one array is one thing to look at and to cancel, and a task that is cut off by its
 * limit goes on with the rest.
 */
export function tasksOf(
  shards: readonly Shard[],
  settings: Pick<SlurmSettings, "tasks" | "time" | "notice" | "cpus-per-task">,
): Tasks {
  const tasks = Math.min(shards.length, settings.tasks);
  const seconds = new Float64Array(tasks);
  for (const [at, { predicted_s }] of shards.entries()) seconds[at % tasks] += predicted_s;
  const wanted = MARGIN * seconds.reduce((most, one) => Math.max(most, one), 0) + START_S + settings.notice;
  return {
    tasks,
    shardsPerTask: Math.ceil(shards.length / tasks),
    cpus: settings["cpus-per-task"] ?? threadsOf(shards) + 1,
    minutes: Math.ceil(Math.min(wanted, settings.time ?? wanted) / 60),
  };
}

/** Which shards a task has, by their positions. */
export function shardsOfTask(task: number, { tasks, shards }: { tasks: number; shards: number }): number[] {
  return Array.from(
    { length: Math.max(0, Math.ceil((shards - task) / tasks)) },
    (_, turn) => task + turn * tasks,
  );
}

/** The most threads that any of them is measured on. */
function threadsOf(shards: readonly Shard[]): number {
  return shards.reduce((most, { options }) => Math.max(most, Number(options.threads ?? 1) || 1), 1);
}
