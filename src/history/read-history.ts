import { FailureError } from "../core/errors.ts";
import { type Accepted, acceptedText } from "./accepted.ts";
import type { HistoryEntry, StoredEntry } from "./entry.ts";
import { type Machine, machinesOf } from "./machines.ts";
import { readEntries } from "./read-entries.ts";
import { isSqlite, readSqlite } from "./sqlite.ts";

/** What one or more files hold together. */
export interface History {
  /** Each once, by commit date and then by id. */
  readonly entries: readonly HistoryEntry[];
  /** Each once, oldest first. */
  readonly accepted: readonly Accepted[];
  /** In the order of their first measurement. */
  readonly machines: readonly Machine[];
  /** Files whose last line was cut off. */
  readonly truncated: readonly string[];
}

/**
 * The most times that are read at once, in some 2 GiB of memory: those of five years of 10 commits a day and 300 cells.
 */
const MOST_TIMES = 6_000_000;
/** Times that take as much as an entry does besides its own. */
const ENTRY_TIMES = 10;

/** Reads files as one history, of at most `most` times. Refuses what is none, naming file and line. */
export function readHistory(paths: readonly string[], most = MOST_TIMES): History {
  const stored = new Map<string, StoredEntry>();
  let times = 0;
  const hear = (entry: StoredEntry) => {
    if (stored.has(entry.id)) return;
    stored.set(entry.id, entry);
    times += entry.cells.size + ENTRY_TIMES;
    if (times <= most) return;
    throw new FailureError(
      `history: must hold at most ${most} times to be read at once, got more; name fewer files, such as the years that matter`,
    );
  };
  const accepted = new Map<string, Accepted>();
  const hearAccepted = (one: Accepted) => accepted.set(acceptedText(one), one);
  const truncated = paths.filter((path) => {
    if (!isSqlite(path)) return readEntries(path, hear, hearAccepted).truncated;
    readSqlite(path, hear, hearAccepted);
    return false;
  });
  return {
    ...historyOf([...stored.values()]),
    accepted: [...accepted].sort(byTime).map(([, one]) => one),
    truncated,
  };
}

/** A history of these entries, of which equal ids are one. */
export function historyOf(stored: readonly StoredEntry[]): Omit<History, "accepted" | "truncated"> {
  const machines = machinesOf(stored);
  const entries = stored.map((entry) => {
    const { name, about } = machines.get(entry.id) as Machine;
    return { ...entry, machine: name, about };
  });
  return {
    entries: entries.sort((a, b) => order(a.committed, b.committed) || order(a.id, b.id)),
    machines: [...new Set(machines.values())],
  };
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Those of one moment by their text, so that the order of lines means nothing. */
function byTime([textA, a]: readonly [string, Accepted], [textB, b]: readonly [string, Accepted]): number {
  return order(a.accepted, b.accepted) || order(textA, textB);
}
