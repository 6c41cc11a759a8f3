import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Cell, Column, ColumnType } from "../column.ts";
import { APPLICATION_ID, STORE_VERSION, TABLE_NAMES, TABLES, type TableName } from "../tables.ts";
import type { StoreWriter } from "./store-writer.ts";
import { VIEWS } from "./views.ts";

const TYPES: Readonly<Record<ColumnType, string>> = {
  text: "TEXT",
  json: "TEXT",
  doubles: "TEXT",
  integer: "INTEGER",
  boolean: "INTEGER",
  double: "REAL",
};

/** The columns that number the rows of a table: rows lie in their order. */
const KEYS: Readonly<Partial<Record<TableName, string>>> = { runs: "run", cases: "case_id" };

/** Writes a store as one SQLite database, which does not exist yet: it is of use only when it is finished. */
export function sqliteWriter(path: string): StoreWriter {
  // What is there before it is finished is thrown away, so that nothing needs to be undone, nor defended against our own SQL.
  const database = new DatabaseSync(path, { defensive: false });
  database.exec(`
    PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${STORE_VERSION};
    BEGIN;
    CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  `);
  for (const table of TABLE_NAMES) database.exec(tableOf(table));
  const inserts = new Map<TableName, StatementSync>();
  for (const table of TABLE_NAMES) {
    const places = TABLES[table].columns.map(() => "?").join(", ");
    inserts.set(table, database.prepare(`INSERT INTO ${table} VALUES (${places})`));
  }
  const added = new Set<TableName>();
  return {
    add(table, row) {
      added.add(table);
      inserts.get(table)?.run(...TABLES[table].columns.map(({ name }) => bound(row[name])));
    },
    finish(facts) {
      for (const table of TABLE_NAMES) {
        if (TABLES[table].rare && !added.has(table)) database.exec(`DROP TABLE ${table}`);
      }
      const fact = database.prepare("INSERT INTO facts VALUES (?, ?)");
      for (const [name, value] of Object.entries(facts)) fact.run(name, value);
      database.exec("CREATE INDEX rounds_of_case ON rounds (case_id)");
      for (const view of VIEWS) database.exec(view);
      database.exec("COMMIT");
    },
    close: () => database.close(),
  };
}

function tableOf(table: TableName): string {
  const columns = TABLES[table].columns.map((column) => `  ${declared(table, column)}`);
  return `CREATE TABLE ${table} (\n${columns.join(",\n")}\n) STRICT`;
}

function declared(table: TableName, { name, type, nullable }: Column): string {
  const key = KEYS[table] === name ? " PRIMARY KEY" : "";
  return `${name} ${TYPES[type]}${nullable ? "" : " NOT NULL"}${key}`;
}

function bound(cell: Cell): string | number | null {
  if (typeof cell === "boolean") return Number(cell);
  return typeof cell === "object" && cell !== null ? JSON.stringify(cell) : cell;
}
