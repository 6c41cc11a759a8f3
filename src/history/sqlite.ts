import { DatabaseSync } from "node:sqlite";
import { FailureError, messageOf, printable } from "../core/errors.ts";
import { draftFor } from "../files/draft.ts";
import { withFile } from "../files/readable-file.ts";
import { whyNotWritten } from "../files/replace-file.ts";
import { type Accepted, acceptedOf } from "./accepted.ts";
import type { HistoryEntry, StoredEntry } from "./entry.ts";
import { checkedEntry } from "./read-entries.ts";
import { HISTORY_SCHEMA_VERSION, historyLine } from "./schema.ts";

/**
 * A history as an SQLite database: the same content in tables, for whoever asks by SQL. `times` is what most questions
 * need, and is a view; the tables are what is read back.
 */
const TABLES = `
  CREATE TABLE history (schema INTEGER NOT NULL) STRICT;
  CREATE TABLE places (place_id INTEGER PRIMARY KEY, place TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE names (cell_id INTEGER PRIMARY KEY, cell TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE entries (
    id TEXT PRIMARY KEY, commit_sha TEXT NOT NULL, committed TEXT NOT NULL, measured TEXT NOT NULL,
    source TEXT NOT NULL, dirty INTEGER NOT NULL, class TEXT, place_id INTEGER NOT NULL REFERENCES places,
    machine TEXT NOT NULL, about TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE cells (
    id TEXT NOT NULL REFERENCES entries, cell_id INTEGER NOT NULL REFERENCES names,
    median_s REAL NOT NULL, low_s REAL, high_s REAL, PRIMARY KEY (id, cell_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE accepted (
    commit_sha TEXT NOT NULL, cells TEXT, why TEXT NOT NULL, accepted TEXT NOT NULL
  ) STRICT;
  CREATE VIEW times AS
    SELECT cell, machine, about, commit_sha, committed, measured, source, dirty, class, median_s, low_s, high_s
    FROM cells JOIN names USING (cell_id) JOIN entries USING (id);
`;

/** Writes a history into a database, which replaces what was at `path`, or leaves that as it was. */
export function writeSqlite(
  path: string,
  entries: readonly HistoryEntry[],
  accepted: readonly Accepted[] = [],
): void {
  const draft = draftFor(path, "file");
  try {
    try {
      fill(draft.path, entries, accepted);
    } catch (thrown) {
      throw new FailureError(`${printable(path)}: cannot be written, ${whyNotWritten(thrown)}`);
    }
    draft.keep();
  } finally {
    draft.discard();
  }
}

function fill(path: string, entries: readonly HistoryEntry[], accepted: readonly Accepted[]): void {
  // A draft needs no journal: it is of use only when it is finished, and `synchronous` has it on the disk by then. A
  // defensive connection, which is node:sqlite's default, would keep one all the same, beside the file.
  const database = new DatabaseSync(path, { defensive: false });
  try {
    database.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = FULL; BEGIN; ${TABLES}`);
    database.prepare("INSERT INTO history VALUES (?)").run(HISTORY_SCHEMA_VERSION);
    const places = numbered(database, "INSERT INTO places VALUES (?, ?)");
    const names = numbered(database, "INSERT INTO names VALUES (?, ?)");
    const addEntry = database.prepare("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    const addCell = database.prepare("INSERT INTO cells VALUES (?, ?, ?, ?, ?)");
    for (const one of entries) {
      const { id, commit, committed, measured, source, dirty, machine, about } = one;
      const place = places(JSON.stringify(one.place));
      const ofSweep = one.class ?? null;
      addEntry.run(id, commit, committed, measured, source, dirty ? 1 : 0, ofSweep, place, machine, about);
      for (const [name, { median_s, low_s = null, high_s = null }] of one.cells) {
        addCell.run(id, names(name), median_s, low_s, high_s);
      }
    }
    const addAccepted = database.prepare("INSERT INTO accepted VALUES (?, ?, ?, ?)");
    for (const { commit, cells, why, accepted: when } of accepted) {
      addAccepted.run(commit, cells === undefined ? null : JSON.stringify(cells), why, when);
    }
    database.exec("COMMIT");
  } finally {
    database.close();
  }
}

/** The number of each text, which is inserted when it is seen first. */
function numbered(database: DatabaseSync, sql: string): (text: string) => number {
  const insert = database.prepare(sql);
  const known = new Map<string, number>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    known.set(text, known.size + 1);
    insert.run(known.size, text);
    return known.size;
  };
}

/** Whether a file says of itself that it is an SQLite database. */
export function isSqlite(path: string): boolean {
  return withFile(path, ({ size, read }) => {
    const head = Buffer.alloc(Math.min(size, MAGIC.length));
    read(0, head);
    return head.equals(MAGIC);
  });
}

const MAGIC = Buffer.from("SQLite format 3\0", "latin1");

/**
 * Passes the entries of a database that `writeSqlite` wrote to `hear`, and the changes that were accepted to `hearAccepted`,
 * each as valid as a line of a file would be.
 */
export function readSqlite(
  path: string,
  hear: (entry: StoredEntry) => void,
  hearAccepted: (accepted: Accepted) => void = () => {},
): void {
  const refuse = (rule: string) => new FailureError(`history: ${printable(path)}: ${rule}`);
  try {
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      // Nothing in a stranger's file may call functions of ours.
      database.exec("PRAGMA trusted_schema = OFF");
      checkTables(database, refuse);
      for (const value of linesIn(database)) {
        const parsed = historyLine.safeParse(value);
        if (parsed.success && parsed.data.type === "accepted") {
          hearAccepted(acceptedOf(parsed.data));
          continue;
        }
        if (!parsed.success || parsed.data.type !== "entry") {
          const [issue] = parsed.error?.issues ?? [];
          const field = issue === undefined ? "an entry" : issue.path.join(".");
          throw refuse(
            `entry ${printable(String(value.id ?? "of a change that was accepted"), 40)}: ${printable(field, 80)} must be as in a history, got other content; export it again`,
          );
        }
        hear(checkedEntry(parsed.data, refuse));
      }
    } finally {
      database.close();
    }
  } catch (thrown) {
    if (thrown instanceof FailureError) throw thrown;
    throw refuse(`must be a database that attnbench history export wrote, got ${messageOf(thrown)}`);
  }
}

function checkTables(database: DatabaseSync, refuse: (rule: string) => FailureError): void {
  // What is read must be tables: a view may compute without end.
  const found = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  const names = new Set(found.map(({ name }) => name));
  const missing = ["history", "places", "names", "entries", "cells", "accepted"].filter(
    (name) => !names.has(name),
  );
  if (missing.length > 0) {
    throw refuse(
      `must be a database that attnbench history export wrote, got one without the table ${missing[0]}`,
    );
  }
  const schema = database.prepare("SELECT schema FROM history").get()?.schema;
  if (schema === HISTORY_SCHEMA_VERSION) return;
  throw refuse(
    `the schema must be ${HISTORY_SCHEMA_VERSION}, got ${printable(String(schema), 40)}; use the version of attnbench that wrote it`,
  );
}

/** As many as a line of a file could hold. */
const MOST_CELLS = 1_000_000;

/** What was accepted, and the entries, as the lines of a file would hold them, not yet validated. */
function* linesIn(database: DatabaseSync): Generator<Record<string, unknown>, void, void> {
  const accepted = database.prepare("SELECT commit_sha AS `commit`, cells, why, accepted FROM accepted");
  for (const { cells, ...fields } of accepted.iterate()) {
    yield { type: "accepted", ...fields, ...(cells !== null && { cells: JSON.parse(String(cells)) }) };
  }
  const entries = database.prepare(
    "SELECT id, commit_sha AS `commit`, committed, measured, source, dirty, class, place FROM entries JOIN places USING (place_id)",
  );
  const cells = database.prepare(
    "SELECT cell, median_s, low_s, high_s FROM cells JOIN names USING (cell_id) WHERE id = ?",
  );
  for (const { id, place, dirty, class: ofSweep, ...fields } of entries.iterate()) {
    const times: [string, unknown][] = [];
    for (const { cell, median_s, low_s, high_s } of cells.iterate(id)) {
      times.push([String(cell), low_s === null ? [median_s] : [median_s, low_s, high_s]]);
      if (times.length > MOST_CELLS) throw new RangeError(`an entry of more than ${MOST_CELLS} cells`);
    }
    yield {
      type: "entry",
      id,
      ...fields,
      ...(dirty === 1 && { dirty: true }),
      ...(ofSweep !== null && { class: ofSweep }),
      place: JSON.parse(String(place)),
      cells: Object.fromEntries(times),
    };
  }
}
