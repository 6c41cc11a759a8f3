import { readdirSync } from "node:fs";
import { dirname } from "node:path";
import { printable, UsageError } from "../core/errors.ts";
import { isStream } from "../files/read-whole.ts";
import { look, withFile } from "../files/readable-file.ts";
import type { StoreFormat } from "./formats.ts";
import type { OpenStore } from "./read/open-store.ts";
import { parquetStore } from "./read/parquet-store.ts";
import { headsIn, runsIn, type SourcedHead } from "./read/runs-in.ts";
import { beginsAsDatabase } from "./read/sqlite-magic.ts";
import { sqliteStore } from "./read/sqlite-store.ts";
import type { SourcedRun } from "./rows.ts";
import { TABLE_NAMES } from "./tables.ts";

/** A store that lies at a path. */
export interface StoreAt {
  readonly format: Exclude<StoreFormat, "csv">;
  /** The database, or the folder of Parquet files. */
  readonly path: string;
}

/** How every Parquet file begins. */
const PARQUET = "PAR1";
/** Bytes by which a file is known. */
const LOOKED_AT = 16;

/**
 * The store that lies at a path: a folder of Parquet files, any of them, or an SQLite database, files by what they begin with
 * and not by their names; null if it is something else, such as a file of lines. Throws a UsageError if nothing is there,
 * or a folder that holds none.
 */
export function storeAt(path: string): StoreAt | null {
  if (isStream(path)) return null;
  const there = look(path);
  if (there.isFile()) {
    const format = formatOf(path);
    if (format === "sqlite") return { format, path };
    return format === "parquet" ? { format, path: dirname(path) } : null;
  }
  if (!there.isDirectory()) return null;
  const names = readdirSync(path);
  // What those files hold is seen when they are opened.
  if (TABLE_NAMES.some((table) => names.includes(`${table}.parquet`))) return { format: "parquet", path };
  if (names.includes("runs.csv")) {
    throw new UsageError(
      `${printable(path)}: is an export as CSV, which holds no more than tables; give the results files, or export them as parquet or sqlite`,
    );
  }
  throw new UsageError(
    `${printable(path)}: must be a results file, or what attnbench export wrote, got a folder of something else`,
  );
}

/** The runs of a store, as `readRuns` yields those of results files, one at a time. */
export async function* readStored(at: StoreAt): AsyncGenerator<SourcedRun, void, void> {
  const store = opened(at);
  try {
    yield* runsIn(store);
  } finally {
    store.close();
  }
}

/** The first lines of the runs of a store, without reading what follows them. */
export async function* readHeads(at: StoreAt): AsyncGenerator<SourcedHead, void, void> {
  const store = opened(at);
  try {
    yield* headsIn(store);
  } finally {
    store.close();
  }
}

function opened({ format, path }: StoreAt): OpenStore {
  return format === "sqlite" ? sqliteStore(path) : parquetStore(path);
}

/** What a regular file is by its first bytes; null if neither. */
function formatOf(path: string): StoreAt["format"] | null {
  return withFile(path, ({ size, read }) => {
    const begin = Buffer.alloc(Math.min(size, LOOKED_AT));
    read(0, begin);
    if (beginsAsDatabase(begin)) return "sqlite";
    return begin.toString("latin1", 0, PARQUET.length) === PARQUET ? "parquet" : null;
  });
}
