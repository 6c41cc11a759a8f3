import { FailureError, printable } from "../core/errors.ts";
import { piecesOf } from "../files/read-pieces.ts";
import { type ParsedKind, parseLine } from "../record/parse-line.ts";
import { lineSplitter, type Remainder, type TextLine } from "../record/split-lines.ts";
import { type Accepted, acceptedOf } from "./accepted.ts";
import type { StoredEntry } from "./entry.ts";
import { entryOf, idOf } from "./entry-line.ts";
import { HISTORY_SCHEMA_VERSION, type HistoryLine, historyLine } from "./schema.ts";

const HISTORY: ParsedKind<HistoryLine> = {
  name: "history",
  schema: historyLine,
  version: HISTORY_SCHEMA_VERSION,
  head: "history",
  advice: "give a file that attnbench history add wrote",
};

/** The longest line that is read: hundreds of times what any machine measures of one commit. */
const MOST_LINE_BYTES = 2 ** 24;

/** How a history ends. */
export type HistoryEnd = Omit<Remainder, "lines">;

/**
 * Passes the entries of a file to `hear`, and the changes that were accepted to `hearAccepted`, as often as they are in it,
 * in the order of their lines, of which no more than one is in memory.
 * Refuses any line that is no entry, naming it, but for a last one that was cut off.
 */
export function readEntries(
  path: string,
  hear: (entry: StoredEntry) => void,
  hearAccepted: (accepted: Accepted) => void = () => {},
): HistoryEnd {
  const splitter = lineSplitter("history", path, { mostBytes: MOST_LINE_BYTES });
  let entries = 0;
  let heads = 0;
  const take = (text: TextLine) => {
    const line = lineIn(path, text);
    if (line.type === "history") {
      heads++;
      return;
    }
    if (line.type === "accepted") {
      hearAccepted(acceptedOf(line));
      return;
    }
    const entry = checkedEntry(line, (rule) => refused(path, text.number, rule));
    entries++;
    hear(entry);
  };
  for (const piece of piecesOf(path)) for (const line of splitter.push(piece)) take(line);
  const { lines, ...end } = splitter.end();
  for (const line of lines) take(line);
  if (heads > 0 || end.bytes === 0) return end;
  throw new FailureError(
    `history: ${printable(path)} must hold the line {"type":"history","schema":${HISTORY_SCHEMA_VERSION}}, got none; ${entries > 0 ? "add it" : HISTORY.advice}`,
  );
}

/** The entry of a valid line, whose id is that of its content. */
export function checkedEntry(
  line: Extract<HistoryLine, { type: "entry" }>,
  refuse: (rule: string) => FailureError,
): StoredEntry {
  const entry = entryOf(line);
  const id = idOf(entry);
  if (id === entry.id) return entry;
  throw refuse(`id must be ${id}, by its content, got ${entry.id}; restore the line, or remove it`);
}

function lineIn(path: string, { text, number }: TextLine): HistoryLine {
  if (!CONFLICT.test(text)) return parseLine(HISTORY, path, number, text);
  throw refused(
    path,
    number,
    "must be an entry, got a mark of a conflict of git; remove the lines that begin with <<<<<<<, ||||||| and >>>>>>> and those of =======, keep all others, and put 'history.jsonl merge=union' into .gitattributes",
  );
}

/** What git leaves in a file that two branches changed, unless it is told to keep the lines of both. */
const CONFLICT = /^(<{7}|={7}|>{7}|\|{7})(\s|$)/;

function refused(path: string, number: number, rule: string): FailureError {
  return new FailureError(`history: ${printable(path)} line ${number}: ${rule}`);
}
