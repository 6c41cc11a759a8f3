import { FailureError, printable } from "../../../core/errors.ts";
import type { Standing } from "../engine.ts";
import type { SlurmJob } from "./job-id.ts";
import { shardsOfTask } from "./tasks.ts";

/** What `squeue` is told to print of a task: its index in the array, and its state. */
export const STANDING_FORMAT = "%K|%T";

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

/** Which shards of a job are still expected, by what `squeue` printed of its tasks. */
export function standingOf(printed: string, job: SlurmJob): Standing {
  const waiting: number[] = [];
  const running: number[] = [];
  for (const line of printed.split("\n").map((one) => one.trim())) {
    // Of several clusters each has its name in front.
    if (line === "" || line.startsWith("CLUSTER: ")) continue;
    const [, task, state] = /^(\d{1,9})\|([A-Z_]+)$/.exec(line) ?? [];
    if (task === undefined || state === undefined) {
      throw new FailureError(
        `slurm: squeue must print index and state of a task, got '${printable(line, 80)}'; try squeue --jobs=${job.job}`,
      );
    }
    if (ENDED.has(state)) continue;
    (WAITS.has(state) ? waiting : running).push(...shardsOfTask(Number(task), job));
  }
  const inOrder = (positions: readonly number[]) => [...new Set(positions)].sort((a, b) => a - b);
  return { waiting: inOrder(waiting), running: inOrder(running) };
}
