import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { printable, UsageError, unknownName } from "../core/errors.ts";
import { packageRoot } from "../files/package-root.ts";
import { refuseTwice, shownName } from "../files/read-whole.ts";
import { readRuns } from "../record/collection/read-runs.ts";
import { IS_FILE, STORE_FORMATS, type StoreFormat } from "../store/formats.ts";
import { isOurDatabase } from "../store/read/sqlite-magic.ts";
import { TABLE_NAMES } from "../store/tables.ts";
import { type RowCounts, type SourcedRun, writeStore } from "../store/write-store.ts";

/** The options of `export`, as typed. */
export interface ExportOptions {
  readonly files: readonly string[];
  readonly format: string;
  /** The file, or the folder, to write to. */
  readonly out: string;
  /** Whether an earlier export may be replaced. */
  readonly overwrite: boolean;
}

/** Writes the runs of results files as tables, and says how many rows there are. */
export async function exportResults(
  { files, format, out, overwrite }: ExportOptions,
  signal: AbortSignal,
): Promise<RowCounts> {
  const chosen = STORE_FORMATS.find((one) => one === format);
  if (chosen === undefined) throw unknownName("format of an export", format, STORE_FORMATS);
  refuseTwice("export", files);
  refuseExisting(out, chosen, overwrite);
  return writeStore(runsOf(files), { format: chosen, path: out, version: ownVersion(), signal });
}

async function* runsOf(files: readonly string[]): AsyncGenerator<SourcedRun, void, void> {
  for (const [file_id, path] of files.entries()) {
    const source = { file_id, file: basename(shownName(path)) };
    for await (const read of readRuns(path)) yield { read, source };
  }
}

function ownVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as {
    version: string;
  };
  return version;
}

/** What is there is replaced only if that was asked for, and if it is an export. */
function refuseExisting(out: string, format: StoreFormat, overwrite: boolean): void {
  if (!existsSync(out)) return;
  const where = `--out: ${printable(out)}`;
  if (!overwrite) {
    throw new UsageError(`${where} already exists; name another, or replace it with --overwrite`);
  }
  const isFolder = statSync(out).isDirectory();
  if (isFolder === IS_FILE[format]) {
    throw new UsageError(
      `${where} must be a ${IS_FILE[format] ? "file" : "folder"} to be replaced by ${format}, got a ${isFolder ? "folder" : "file"}; name another`,
    );
  }
  if (!isFolder) {
    if (isOurDatabase(out)) return;
    throw new UsageError(`${where} must be what attnbench export wrote to be replaced; name another`);
  }
  const stray = readdirSync(out).find((name) => !ours.has(name));
  if (stray !== undefined) {
    throw new UsageError(
      `${where} must hold nothing but an export to be replaced, got ${printable(stray)}; name another`,
    );
  }
}

/** The files that exports as folders consist of. */
const ours: ReadonlySet<string> = new Set([
  ...TABLE_NAMES.map((table) => `${table}.parquet`),
  ...[...TABLE_NAMES, "samples"].map((table) => `${table}.csv`),
]);
