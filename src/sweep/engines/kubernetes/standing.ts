import * as z from "zod";
import { FailureError } from "../../../core/errors.ts";
import type { Standing } from "../engine.ts";

/** What is read of a job; Kubernetes says much more. */
const job = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string().optional() }),
  spec: z.object({ completions: z.number().int().min(0).max(1e6) }),
  status: z
    .object({
      completedIndexes: z.string().optional(),
      failedIndexes: z.string().optional(),
      conditions: z.array(z.object({ type: z.string(), status: z.string() })).optional(),
    })
    .optional(),
});

export type Job = z.infer<typeof job>;

const podList = z.object({
  items: z.array(
    z.object({ metadata: z.object({ annotations: z.record(z.string(), z.string()).optional() }) }),
  ),
});

const INDEX = "batch.kubernetes.io/job-completion-index";

/** A job as kubectl tells it. Throws a FailureError if it is something else. */
export function readJob(told: unknown): Job {
  const read = job.safeParse(told);
  if (read.success) return read.data;
  throw new FailureError(
    "kubectl: answered no Indexed Job; has another object its name, or was its manifest changed?",
  );
}

/** Whether nothing of a job will run any more. */
export function hasEnded({ status }: Job): boolean {
  return (status?.conditions ?? []).some(
    (one) => (one.type === "Complete" || one.type === "Failed") && one.status === "True",
  );
}

/** Which indices of a job are still expected, `pods` being those of its pods that run. */
export function standingOf(told: Job, pods: unknown): Standing {
  if (hasEnded(told)) return { waiting: [], running: [] };
  const ended = new Set([
    ...indicesIn(told.status?.completedIndexes ?? ""),
    ...indicesIn(told.status?.failedIndexes ?? ""),
  ]);
  const runs = new Set(
    (podList.safeParse(pods).data?.items ?? []).map(({ metadata }) =>
      Number(metadata.annotations?.[INDEX] ?? ""),
    ),
  );
  const expected = Array.from({ length: told.spec.completions }, (_, index) => index).filter(
    (index) => !ended.has(index),
  );
  return {
    waiting: expected.filter((index) => !runs.has(index)),
    running: expected.filter((index) => runs.has(index)),
  };
}

/** Indices as Kubernetes writes them: `1,3-5,7`. */
function indicesIn(text: string): readonly number[] {
  if (text === "") return [];
  return text.split(",").flatMap((item) => {
    const [first, last = first] = item.split("-").map(Number);
    if (!(Number.isInteger(first) && Number.isInteger(last) && first >= 0 && last >= first && last < 1e6)) {
      throw new FailureError(
        "kubectl: a job's indices must be numbers and ranges such as 1,3-5; is it an Indexed Job?",
      );
    }
    return Array.from({ length: last - first + 1 }, (_, step) => first + step);
  });
}
