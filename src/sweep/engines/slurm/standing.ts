import { FailureError, printable } from "../../../core/errors.ts";
import { countText } from "../../../text/count-text.ts";
import type { Standing } from "../engine.ts";
import type { SlurmJob } from "./job-id.ts";
import { shardsOfTask } from "./tasks.ts";

/** What `squeue` is told to print of a task: its index in the array, its state, and why it waits. */
export const STANDING_FORMAT = "%K|%T|%r";

/** States in which a task waits for its turn, or for a person. Whatever else is in the queue has a node, or gives it back. */
const WAITS = new Set([
  "PENDING",
  "CONFIGURING",
  "REQUEUED",
  "REQUEUE_FED",
  "REQUEUE_HOLD",
  "RESV_DEL_HOLD",
  "SPECIAL_EXIT",
]);
/** States of a task that ended, which `squeue` shows for some time if it is so configured. */
const ENDED = new Set([
  "BOOT_FAIL",
  "CANCELLED",
  "COMPLETED",
  "DEADLINE",
  "FAILED",
  "NODE_FAIL",
  "OUT_OF_MEMORY",
  "PREEMPTED",
  "REVOKED",
  "TIMEOUT",
]);

/** Reasons for which a task waits that go away by themselves. */
const USUAL = new Set([
  "None",
  "Resources",
  "Priority",
  "BeginTime",
  "Dependency",
  "JobArrayTaskLimit",
  "Cleaning",
]);

/** Tasks of an array that are still expected, by their indices. */
export interface TasksLeft {
  readonly waiting: readonly number[];
  readonly running: readonly number[];
  /** How many wait for a reason that may need a person, by Slurm's words for it. */
  readonly kept: ReadonlyMap<string, number>;
}

/** Reads what `squeue` printed of a job's tasks. */
export function tasksLeft(printed: string, { job, tasks }: Pick<SlurmJob, "job" | "tasks">): TasksLeft {
  const waiting = new Set<number>();
  const running = new Set<number>();
  const kept = new Map<string, number>();
  for (const line of printed.split("\n").map((one) => one.trim())) {
    // Of several clusters each has its name in front.
    if (line === "" || line.startsWith("CLUSTER: ")) continue;
    const [, task, state, reason] = /^(\d{1,9})\|([A-Z_]+)\|(.*)$/.exec(line) ?? [];
    if (task === undefined || state === undefined || reason === undefined) {
      throw new FailureError(
        `slurm: squeue must print index, state and reason of a task, got '${printable(line, 80)}'; try squeue --jobs=${job}`,
      );
    }
    if (ENDED.has(state) || Number(task) >= tasks) continue;
    (WAITS.has(state) ? waiting : running).add(Number(task));
    if (WAITS.has(state) && !USUAL.has(reason)) kept.set(reason, (kept.get(reason) ?? 0) + 1);
  }
  return { waiting: [...waiting], running: [...running], kept };
}

/**
 * Which shards those tasks have. Of several shards in turn, Slurm does not know which one its task is at: all of them wait,
 * and the lock of the one that does not says so.
 */
export function standingOf({ waiting, running, kept }: TasksLeft, job: SlurmJob): Standing {
  const shards = (tasks: readonly number[]) =>
    tasks.flatMap((task) => shardsOfTask(task, job)).sort((a, b) => a - b);
  const remarks = [...kept].map(
    ([reason, tasks]) =>
      `${countText(tasks, "task")} of job ${job.job} may wait for a person, ${printable(reason, 100)}; see scontrol show job ${job.job}`,
  );
  return job.shards > job.tasks
    ? { waiting: shards([...waiting, ...running]), running: [], remarks }
    : { waiting: shards(waiting), running: shards(running), remarks };
}
