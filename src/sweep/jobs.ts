import { appendFileSync, existsSync, readFileSync } from "node:fs";
import * as z from "zod";
import { FailureError, printable } from "../core/errors.ts";
import { whyNotWritten } from "../files/replace-file.ts";
import { placesIn } from "./folder.ts";

/** What was handed to an engine. */
export type Job = z.infer<typeof job>;

const job = z.object({
  type: z.literal("job"),
  schema: z.literal(1),
  engine: z.string(),
  /** What it is known by there. */
  id: z.string(),
  machine: z.string(),
  /** When it was handed over, ISO 8601. */
  at: z.string(),
  /** Names of its shards, in their order there. */
  shards: z.array(z.string()),
});

/** Remembers a job, in one write. */
export function addJob(folder: string, one: Omit<Job, "type" | "schema">): void {
  const path = placesIn(folder).jobs;
  // A line that was cut off, as on a full disk, must not swallow this one.
  const before = existsSync(path) && !readFileSync(path, "utf8").endsWith("\n") ? "\n" : "";
  try {
    appendFileSync(path, `${before}${JSON.stringify({ type: "job", schema: 1, ...one })}\n`, { flush: true });
  } catch (thrown) {
    throw new FailureError(
      `sweep: cannot write ${printable(path)}, ${whyNotWritten(thrown, path)}; the job ${printable(one.id, 100)} of ${one.engine} was begun and is not in it`,
    );
  }
}

/** The jobs so far, oldest first. Lines that were cut off are none. */
export function readJobs(folder: string): readonly Job[] {
  const path = placesIn(folder).jobs;
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .flatMap((line) => {
      try {
        return job.safeParse(JSON.parse(line)).data ?? [];
      } catch {
        return [];
      }
    });
}
