import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { csvLines } from "../../record/csv.ts";
import type { Cell, Row } from "../column.ts";
import { TABLE_NAMES, TABLES, type TableName } from "../tables.ts";
import type { StoreWriter } from "./store-writer.ts";

/** Lines that are held before they are written. */
const HELD_LINES = 100;

const SAMPLES = ["run", "case_id", "round", "sample", "seconds"] as const;

/** Writes a store as a folder of CSV files: one a table, and `samples.csv`, one row a sample, instead of lists of them. */
export function csvWriter(folder: string): StoreWriter {
  const open = new Map<TableName | "samples", CsvFile>();
  const fileOf = (name: TableName | "samples", columns: readonly string[]): CsvFile => {
    const there = open.get(name);
    if (there !== undefined) return there;
    const file = csvFile(join(folder, `${name}.csv`), columns);
    open.set(name, file);
    return file;
  };
  const tableFile = (table: TableName) => fileOf(table, columnsOf(table));
  const samplesFile = () => fileOf("samples", SAMPLES);
  return {
    add(table, row) {
      tableFile(table).add(columnsOf(table).map((name) => cellText(row[name])));
      if (table === "rounds") for (const sample of samplesOf(row)) samplesFile().add(sample);
    },
    finish() {
      for (const table of TABLE_NAMES) if (!TABLES[table].rare) tableFile(table);
      samplesFile();
      for (const file of open.values()) file.finish();
    },
    close() {
      for (const file of open.values()) file.close();
    },
  };
}

function columnsOf(table: TableName): readonly string[] {
  const names = TABLES[table].columns.map(({ name }) => name);
  return table === "rounds" ? names.filter((name) => name !== "samples") : names;
}

function samplesOf({ run, case_id, round, samples }: Row): readonly (readonly Cell[])[] {
  return Array.isArray(samples)
    ? samples.map((seconds, sample) => [run, case_id, round, sample, seconds])
    : [];
}

function cellText(cell: Cell): Cell {
  return typeof cell === "object" && cell !== null ? JSON.stringify(cell) : cell;
}

interface CsvFile {
  add(record: readonly Cell[]): void;
  finish(): void;
  close(): void;
}

/** Begins a file that does not exist yet, with its header. */
function csvFile(path: string, header: readonly string[]): CsvFile {
  const descriptor = openSync(path, "wx");
  let held: (readonly Cell[])[] = [header];
  const flush = () => {
    const bytes = Buffer.from(csvLines(held), "utf8");
    for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
    held = [];
  };
  return {
    add(record) {
      held.push(record);
      if (held.length >= HELD_LINES) flush();
    },
    finish() {
      flush();
      fsyncSync(descriptor);
    },
    close: () => closeSync(descriptor),
  };
}
