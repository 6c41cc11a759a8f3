import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import { FailureError, messageOf, printable } from "../../core/errors.ts";
import type { Row } from "../column.ts";
import { TABLES, type TableName } from "../tables.ts";
import { checkedCell } from "./checked-cell.ts";
import { MOST_CELL_BYTES, MOST_HELD_BYTES, MOST_HELD_ROWS } from "./limits.ts";
import type { OpenStore } from "./open-store.ts";
import { ADVICE, refused, tableIn } from "./refused.ts";

/**
 * Opens a database to read it, whoever wrote it: it is not changed, no extension is loaded, its own SQL (views, triggers,
 * computed columns) is not run, and no cell is larger than any that was written.
 */
export function sqliteStore(path: string): OpenStore {
  const attempt = <T>(action: () => T): T => {
    try {
      return action();
    } catch (thrown) {
      if (thrown instanceof FailureError) throw thrown;
      throw new FailureError(
        `results: ${printable(path)}: must be an SQLite database that can be read, got ${messageOf(thrown)}; ${ADVICE}`,
      );
    }
  };
  const database = attempt(
    () =>
      new DatabaseSync(path, {
        readOnly: true,
        allowExtension: false,
        defensive: true,
        readBigInts: true,
        limits: { length: MOST_CELL_BYTES, attach: 0 },
      }),
  );
  const all = (sql: string, ...values: readonly string[]) =>
    attempt(() => database.prepare(sql).all(...values));

  const hasTable = (table: TableName | "facts"): boolean => {
    const found = all("SELECT type FROM pragma_table_list WHERE schema = 'main' AND name = ?", table);
    if (found.length === 0) return false;
    const { type } = found[0];
    if (type === "table") return true;
    throw refused({ name: `${path} ${table}` }, `must be a table, got a ${told(type)}`);
  };
  const refuseComputed = (table: TableName | "facts", names: readonly string[]) => {
    // Columns that are computed, or that a table has for itself alone, are hidden.
    const columns = all("SELECT name, hidden FROM pragma_table_xinfo(?)", table);
    for (const name of names) {
      const column = columns.find((one) => one.name === name);
      const got = column === undefined ? "none" : column.hidden === 0n ? null : "a computed one";
      if (got === null) continue;
      throw refused({ name: `${path} table ${table}` }, `must have a column ${name}, got ${got}`);
    }
  };

  try {
    attempt(() =>
      database.exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA query_only = ON"),
    );
    const facts = new Map<string, string>();
    if (hasTable("facts")) {
      refuseComputed("facts", ["name", "value"]);
      for (const { name, value } of all("SELECT name, value FROM facts ORDER BY rowid LIMIT 100")) {
        if (typeof name === "string" && typeof value === "string") facts.set(name, value);
      }
    }
    return {
      facts,
      nameOf: (table) => tableIn(path, table),
      has: hasTable,
      async *rows(table) {
        if (!hasTable(table)) return;
        const { columns } = TABLES[table];
        const names = columns.map(({ name }) => name);
        refuseComputed(table, names);
        const select = `SELECT ${names.join(", ")} FROM ${table} NOT INDEXED ORDER BY rowid`;
        const found = attempt(() => database.prepare(select).iterate())[Symbol.iterator]();
        let row = 0;
        for (;;) {
          const held: Row[] = [];
          let bytes = 0;
          while (held.length < MOST_HELD_ROWS && bytes < MOST_HELD_BYTES) {
            const next = attempt(() => found.next());
            if (next.done === true) break;
            const place = { name: tableIn(path, table), row: ++row };
            const cells = columns.map((column) => {
              const value = next.value[column.name];
              bytes += sizeOf(value);
              return [column.name, checkedCell(value, column, place)];
            });
            held.push(Object.fromEntries(cells));
          }
          if (held.length === 0) return;
          yield held;
        }
      },
      close: () => database.close(),
    };
  } catch (thrown) {
    database.close();
    throw thrown;
  }
}

function sizeOf(value: SQLOutputValue): number {
  return typeof value === "string" || value instanceof Uint8Array ? value.length : 8;
}

function told(value: unknown): string {
  return printable(String(value), 40);
}
