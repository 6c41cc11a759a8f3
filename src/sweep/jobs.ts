import { appendFileSync, existsSync, readFileSync } from "node:fs";
import * as z from "zod";
import { FailureError, printable } from "../core/errors.ts";
import { whyNotWritten } from "../files/replace-file.ts";
import { placesIn } from "./folder.ts";

const written = {
  schema: z.literal(1),
  engine: z.string(),
  machine: z.string(),
  /** ISO 8601. */
  at: z.string(),
  /** Names of the shards that it is about, in their order there. */
  shards: z.array(z.string()),
};

/** What was handed to an engine. */
const job = z.object({
  type: z.literal("job"),
  ...written,
  /** What it is known by there. */
  id: z.string(),
});

/** The files that were written for an engine, which a person may change before they are used. */
const files = z.object({
  type: z.literal("files"),
  ...written,
  /** SHA-256 of what was written, by paths in the folder. */
  files: z.record(z.string(), z.string()),
});

const jobLine = z.discriminatedUnion("type", [job, files]);

/** A line of the log of what was handed to engines. */
export type JobLine = z.infer<typeof jobLine>;
export type Job = z.infer<typeof job>;
export type WrittenFiles = z.infer<typeof files>;

/** Adds a line, in one write. */
export function addJobLine(folder: string, line: Omit<Job, "schema"> | Omit<WrittenFiles, "schema">): void {
  const path = placesIn(folder).jobs;
  // A line that was cut off, as on a full disk, must not swallow this one.
  const before = existsSync(path) && !readFileSync(path, "utf8").endsWith("\n") ? "\n" : "";
  try {
    appendFileSync(path, `${before}${JSON.stringify({ schema: 1, ...line })}\n`, { flush: true });
  } catch (thrown) {
    const lost =
      line.type === "job" ? `; ${line.engine} has the job ${printable(line.id, 200)}: cancel it there` : "";
    throw new FailureError(`sweep: cannot write ${printable(path)}, ${whyNotWritten(thrown, path)}${lost}`);
  }
}

/** The lines so far, oldest first. Those that were cut off are none. */
export function readJobLines(folder: string): readonly JobLine[] {
  const path = placesIn(folder).jobs;
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .flatMap((line) => {
      try {
        return jobLine.safeParse(JSON.parse(line)).data ?? [];
      } catch {
        return [];
      }
    });
}
