import { type Results, summarize } from "./case-row.ts";
import type { Learned } from "./learned.ts";
import { RESULTS } from "./line-kind.ts";
import { awaitLineFile, parseLineFile, type ReadLines, readLineFile } from "./read-line-file.ts";
import { type InnerLine, refusalIn, runUnderWay } from "./run-under-way.ts";
import type { FileLine, RunLine } from "./schema/result-lines.ts";

/** A results file as it was read. */
export interface ReadResults {
  readonly run: RunLine;
  /** Case and round lines, in order. */
  readonly lines: readonly InnerLine[];
  /** What variants learned; null if the file says nothing of that. */
  readonly learned: Learned | null;
  /** Bytes up to the end of the last complete line. */
  readonly validBytes: number;
  /** Whether the file ends within a line, as after a kill or on a full disk. */
  readonly truncated: boolean;
}

/** Reads and validates a results file. */
export function readLines(path: string): ReadResults {
  return checked(path, readLineFile(RESULTS, "run", path));
}

/** The same, with a pipe waited for without holding up this process. */
export async function awaitLines(path: string): Promise<ReadResults> {
  return checked(path, await awaitLineFile(RESULTS, "run", path));
}

/** The same for the content of one, with a name for messages. */
export function parseLines(name: string, content: Buffer): ReadResults {
  return checked(name, parseLineFile(RESULTS, "run", name, content));
}

function checked(
  path: string,
  { head, headNumber, lines, ...read }: ReadLines<FileLine, "run">,
): ReadResults {
  const run = runUnderWay(refusalIn(path), head, headNumber);
  for (const { line, number } of lines) run.take(line, number);
  return { ...run.end(), ...read };
}

/** Reads a results file as its readers want it: one row per case. */
export function readResults(path: string, name: string): Results & { truncated: boolean } {
  const { run, lines, learned, truncated } = readLines(path);
  return { ...summarize(name, run, lines), ...(learned !== null && { learned }), truncated };
}
