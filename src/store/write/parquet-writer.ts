import { join } from "node:path";
import { TABLE_NAMES, TABLES, type TableName } from "../tables.ts";
import { type ParquetFile, parquetFile } from "./parquet-file.ts";
import type { StoreWriter } from "./store-writer.ts";

/** Writes a store as a folder of Parquet files, one a table. */
export function parquetWriter(folder: string, createdBy: string): StoreWriter {
  const open = new Map<TableName, ParquetFile>();
  const fileOf = (table: TableName): ParquetFile => {
    const there = open.get(table);
    if (there !== undefined) return there;
    const file = parquetFile(join(folder, `${table}.parquet`), TABLES[table].columns);
    open.set(table, file);
    return file;
  };
  return {
    add: (table, row) => fileOf(table).add(row),
    finish(facts) {
      for (const table of TABLE_NAMES) {
        if (TABLES[table].rare && !open.has(table)) continue;
        fileOf(table).finish({ ...facts, "attnbench.table": table }, createdBy);
      }
    },
    close() {
      for (const file of open.values()) file.close();
    },
  };
}
