import { existsSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import { HISTORY_DEFAULTS } from "../../core/defaults.ts";
import { UsageError } from "../../core/errors.ts";
import { replaceFileWith } from "../../files/replace-file.ts";
import { acceptedText } from "../../history/accepted.ts";
import type { HistoryEntry } from "../../history/entry.ts";
import { HEAD_LINE, lineOf } from "../../history/entry-line.ts";
import { readHistory } from "../../history/read-history.ts";
import { writeSqlite } from "../../history/sqlite.ts";
import { momentOf } from "./moment.ts";

/** What is exported of which history, and to where. */
export interface ExportOptions {
  /** Files that are read as one; `history.jsonl` if omitted. */
  readonly history?: readonly string[] | undefined;
  /** The SQLite database to write. */
  readonly sqlite?: string | undefined;
  /** The file of lines to write: each entry once, by commit date. */
  readonly jsonl?: string | undefined;
  /** Only commits from this time on, and before that one: ISO 8601. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** Writes a history, or a part of it by commit date, in another form. Returns the entries written. */
export function exportHistory(options: ExportOptions): readonly HistoryEntry[] {
  const { history = [], sqlite, jsonl, since, until } = options;
  const paths = history.length === 0 ? [HISTORY_DEFAULTS.history] : history;
  if (sqlite === undefined && jsonl === undefined) {
    throw new UsageError("history export: must be told where to; name a file with --sqlite or --jsonl");
  }
  for (const [option, path] of [
    ["--sqlite", sqlite],
    ["--jsonl", jsonl],
  ] as const) {
    if (path === undefined || !paths.some((one) => realPath(one) === realPath(path))) continue;
    throw new UsageError(`${option}: must be another file than the history that is read; name another`);
  }
  const from = since === undefined ? null : momentOf("--since", since);
  const to = until === undefined ? null : momentOf("--until", until);
  const { entries, accepted } = readHistory(paths);
  const chosen = entries.filter(
    ({ committed }) => (from === null || committed >= from) && (to === null || committed < to),
  );
  if (sqlite !== undefined) writeSqlite(sqlite, chosen, accepted);
  if (jsonl !== undefined) {
    replaceFileWith(jsonl, (write) => {
      write(Buffer.from(HEAD_LINE));
      for (const one of accepted) write(Buffer.from(acceptedText(one)));
      for (const entry of chosen) write(Buffer.from(lineOf(entry)));
    });
  }
  return chosen;
}

/** Where a path leads, through links, whether or not anything is there. */
function realPath(path: string): string {
  return existsSync(path) ? realpathSync(path) : resolve(path);
}
