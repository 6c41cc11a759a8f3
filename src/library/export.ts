import { existsSync, readdirSync, statSync } from "node:fs";
import { printable, UsageError, unknownName } from "../core/errors.ts";
import { packageVersion } from "../files/package-version.ts";
import { refuseTwice } from "../files/read-whole.ts";
import { IS_FILE, STORE_FORMATS, type StoreFormat } from "../store/formats.ts";
import { isOurDatabase } from "../store/read/sqlite-magic.ts";
import type { SourcedRun } from "../store/rows.ts";
import { TABLE_NAMES } from "../store/tables.ts";
import { type RowCounts, writeStore } from "../store/write-store.ts";
import { runsAt } from "./runs-at.ts";

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
  const target = { format: chosen, path: out, replaces: overwrite, version: packageVersion(), signal };
  return writeStore(runsOf(files, signal), target);
}

/** The runs of all files; those of a store keep the names of the files that they were in. */
async function* runsOf(
  files: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<SourcedRun, void, void> {
  let before = 0;
  for (const path of files) {
    let most = -1;
    for await (const { read, source } of runsAt(path, signal)) {
      most = Math.max(most, source.file_id);
      yield { read, source: { ...source, file_id: before + source.file_id } };
    }
    before += most + 1;
  }
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
