import { fileURLToPath } from "node:url";
import { FailureError, printable } from "../core/errors.ts";
import { shownName } from "../files/read-whole.ts";
import { type Results, summarize } from "../record/case-row.ts";
import { parseLines, type ReadResults, readLines } from "../record/read.ts";
import type { FileLine } from "../record/schema/result-lines.ts";
import { readStored, storeAt } from "../store/read-stored.ts";

/** Results as they were read: the lines of cases and rounds, and a row for each case with its times summed up. */
export interface ReadRun extends Results, Pick<ReadResults, "lines" | "truncated"> {}

/** What results are read from: a file by its path, the text of one, or its lines, such as `run` yields them. */
export type ResultsSource =
  | string
  | URL
  | { readonly text: string | Uint8Array; readonly name?: string }
  | { readonly lines: Iterable<FileLine>; readonly name?: string };

/** The name that messages and captions give to unnamed results. */
const UNNAMED = "results";

/** Reads and validates results. `name` is for captions and messages. */
export function readRun(source: ResultsSource, name = nameOf(source)): ReadRun {
  return summedUp(readFrom(source, name), name);
}

/** A run that was read, with a row for each case. `name` is for captions and messages. */
export function summedUp({ run, lines, learned, truncated }: ReadResults, name: string): ReadRun {
  return { ...summarize(name, run, lines), ...(learned !== null && { learned }), lines, truncated };
}

/**
 * The results at a path: of a results file, or of all those that were exported to the store that lies there, under their own
 * names. `name` is for captions and messages.
 */
export async function readAll(path: string, name = path): Promise<readonly ReadRun[]> {
  const store = storeAt(path);
  if (store === null) return [readRun(path, name)];
  const found: ReadRun[] = [];
  let last = -1;
  for await (const { read, source } of readStored(store)) {
    const { run, lines, learned, truncated } = read;
    if (source.file_id === last) {
      throw new FailureError(
        `results: ${printable(path)}: ${printable(source.file)} must hold one run, got a second; give the file of one shard`,
      );
    }
    last = source.file_id;
    found.push({
      ...summarize(source.file, run, lines),
      ...(learned !== null && { learned }),
      lines,
      truncated,
    });
  }
  return found;
}

/** The same of what holds one results file. */
export async function readOne(source: ResultsSource): Promise<ReadRun> {
  if (typeof source !== "string" && !(source instanceof URL)) return readRun(source);
  const path = pathOf(source);
  const [only, ...others] = await readAll(path, nameOf(source));
  if (others.length === 0) return only;
  throw new FailureError(
    `results: ${printable(path)}: must hold one results file, got ${others.length + 1}; export each to a store of its own`,
  );
}

function readFrom(source: ResultsSource, name: string): ReadResults {
  if (typeof source === "string" || source instanceof URL) return readLines(pathOf(source));
  const text = "text" in source ? source.text : [...source.lines].map(jsonLine).join("");
  return parseLines(name, Buffer.from(text));
}

function jsonLine(line: FileLine): string {
  return `${JSON.stringify(line)}\n`;
}

function nameOf(source: ResultsSource): string {
  if (typeof source === "string" || source instanceof URL) return shownName(pathOf(source));
  return source.name ?? UNNAMED;
}

function pathOf(source: string | URL): string {
  return typeof source === "string" ? source : fileURLToPath(source);
}
