import { fileURLToPath } from "node:url";
import { shownName } from "../files/read-whole.ts";
import { type Results, summarize } from "../record/case-row.ts";
import { parseLines, type ReadResults, readLines } from "../record/read.ts";
import type { FileLine } from "../record/schema/result-lines.ts";

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
