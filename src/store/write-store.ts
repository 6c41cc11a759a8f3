import { createHash } from "node:crypto";
import { FailureError, printable } from "../core/errors.ts";
import { draftFor } from "../files/draft.ts";
import { whyNotWritten } from "../files/replace-file.ts";
import { SCHEMA_VERSION } from "../record/schema/result-lines.ts";
import type { Row } from "./column.ts";
import { IS_FILE, type StoreFormat } from "./formats.ts";
import { type Numbering, rowsOf, type SourcedRun } from "./rows.ts";
import { STORE_VERSION, TABLE_NAMES, TABLES, type TableName } from "./tables.ts";
import { csvWriter } from "./write/csv-writer.ts";
import { parquetWriter } from "./write/parquet-writer.ts";
import { sqliteWriter } from "./write/sqlite-writer.ts";
import type { StoreFacts, StoreWriter } from "./write/store-writer.ts";

/** Where a store goes, and how. */
export interface StoreTarget {
  readonly format: StoreFormat;
  /** The file, or the folder. */
  readonly path: string;
  /** Whether what is there is replaced. */
  readonly replaces: boolean;
  /** The version of attnbench that writes it. */
  readonly version: string;
  /** Ends the writing, which then leaves nothing behind. */
  readonly signal?: AbortSignal | undefined;
}

/** Rows that were written, by table. */
export type RowCounts = Readonly<Record<TableName, number>>;

/**
 * Writes runs as a store, completely or not at all; no more than one run and one row group a table is in memory. Throws a
 * FailureError if it cannot be written, or if the signal was aborted.
 */
export async function writeStore(
  runs: AsyncIterable<SourcedRun>,
  { format, path, replaces, version, signal }: StoreTarget,
): Promise<RowCounts> {
  const draft = draftFor(path, IS_FILE[format] ? "file" : "folder", replaces);
  let writer: StoreWriter | undefined;
  const writing = <T>(action: () => T): T => {
    try {
      return action();
    } catch (thrown) {
      throw new FailureError(`${printable(path)}: cannot be written, ${whyNotWritten(thrown)}`);
    }
  };
  try {
    const store = writing(() => writerFor(format, draft.path, version));
    writer = store;
    const counts = Object.fromEntries(TABLE_NAMES.map((table) => [table, 0])) as Record<TableName, number>;
    const numbering: Numbering = { run: 0, caseId: 0 };
    const heads = createHash("sha256");
    for await (const { read, source } of runs) {
      heads.update(JSON.stringify(read.run));
      for (const [table, row] of rowsOf(read, source, numbering)) {
        refuseLoneSurrogates(table, row, counts[table]);
        writing(() => store.add(table, row));
        counts[table]++;
      }
      await turn();
      refuseInterrupt(path, signal);
    }
    const rows = JSON.stringify(counts);
    writing(() => store.finish(factsOf(version, rows, heads.update(rows).digest("hex"))));
    refuseInterrupt(path, signal);
    writer = undefined;
    writing(() => store.close());
    draft.keep();
    return counts;
  } catch (thrown) {
    // What was being read fails of it as well.
    refuseInterrupt(path, signal);
    throw thrown;
  } finally {
    writer?.close();
    draft.discard();
  }
}

/** What a store says of itself. `export` is the same in all files of one export, and in no others. */
function factsOf(version: string, rows: string, digest: string): StoreFacts {
  return {
    "attnbench.store": String(STORE_VERSION),
    "attnbench.results": String(SCHEMA_VERSION),
    "attnbench.version": version,
    "attnbench.export": digest,
    "attnbench.rows": rows,
  };
}

function writerFor(format: StoreFormat, path: string, version: string): StoreWriter {
  switch (format) {
    case "parquet":
      return parquetWriter(path, `attnbench version ${version}`);
    case "sqlite":
      return sqliteWriter(path);
    case "csv":
      return csvWriter(path);
    default:
      return format satisfies never;
  }
}

/** A turn of the event loop, in which an interrupt is heard. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function refuseInterrupt(path: string, signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new FailureError(`${printable(path)}: interrupted; nothing was written`);
}

/** A text that is none in Unicode cannot be stored as it is; JSON text escapes it. */
function refuseLoneSurrogates(table: TableName, row: Row, index: number): void {
  for (const { name, type } of TABLES[table].columns) {
    const cell = row[name];
    if (type !== "text" || typeof cell !== "string" || cell.isWellFormed()) continue;
    throw new FailureError(
      `export: table ${table} row ${index + 1} column ${name}: must be a text that Unicode allows, got '${printable(cell, 60)}'; correct it in the results file`,
    );
  }
}
