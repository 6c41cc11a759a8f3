import { printable, UsageError } from "../core/errors.ts";
import type { RunOptions } from "./run.ts";

/** The file that holds the lines of a run; undefined if none was named. */
export function runFile({ out, resume }: Pick<RunOptions, "out" | "resume">): string | undefined {
  return resume ?? (out === undefined ? undefined : endingIn("--out", out, ".jsonl"));
}

/** A path given for an option, which must have this ending. */
export function endingIn(option: string, path: string, end: string): string {
  if (path.endsWith(end) && !/(^|[/\\])\.[^.]*$/.test(path)) return path;
  throw new UsageError(
    `${option}: must be a file ending in ${end}, got '${printable(path)}'; name one such as mine${end}`,
  );
}
