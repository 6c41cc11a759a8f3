import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Row } from "../column.ts";
import { TABLE_NAMES, TABLES, type TableName } from "../tables.ts";
import { checkedCell } from "./checked-cell.ts";
import type { OpenStore } from "./open-store.ts";
import { openParquet, type ParquetTable } from "./parquet-table.ts";
import { refused, told } from "./refused.ts";

/** Rows that are made at once. */
const HELD_ROWS = 256;

/** Opens a folder of Parquet files to read it, whoever wrote it. */
export function parquetStore(folder: string): OpenStore {
  const pathOf = (table: TableName) => join(folder, `${table}.parquet`);
  const open = new Map<TableName, ParquetTable>();
  const close = () => {
    for (const file of open.values()) file.close();
  };
  try {
    for (const table of TABLE_NAMES) {
      if (!existsSync(pathOf(table))) continue;
      open.set(table, openParquet(pathOf(table), TABLES[table].columns));
    }
    const facts = factsOf(open, pathOf);
    return {
      facts,
      nameOf: pathOf,
      has: (table) => open.has(table),
      async *rows(table) {
        const file = open.get(table);
        if (file === undefined) return;
        const { columns } = TABLES[table];
        let row = 0;
        for await (const group of file.groups()) {
          // In parts: a row as an object takes many times what its cells do in their columns.
          for (let from = 0; from < group.rows; from += HELD_ROWS) {
            const rows: Row[] = [];
            for (let at = from; at < Math.min(group.rows, from + HELD_ROWS); at++) {
              const place = { name: pathOf(table), row: ++row };
              const cells = columns.map((column, index) => [
                column.name,
                checkedCell(group.cell(index, at), column, place),
              ]);
              rows.push(Object.fromEntries(cells));
            }
            yield rows;
          }
        }
      },
      close,
    };
  } catch (thrown) {
    close();
    throw thrown;
  }
}

/** What the files say of themselves: all of one export, each of its own table. */
function factsOf(
  open: ReadonlyMap<TableName, ParquetTable>,
  pathOf: (table: TableName) => string,
): ReadonlyMap<string, string> {
  const runs = open.get("runs");
  if (runs === undefined)
    throw refused({ name: pathOf("runs") }, "must be beside the other tables, got none");
  const { facts } = runs;
  for (const [table, file] of open) {
    const stated = file.facts.get("attnbench.table");
    if (facts.has("attnbench.store") && stated !== table) {
      throw refused({ name: pathOf(table) }, `must be the table ${table}, got ${told(stated)}`);
    }
    if (file.facts.get("attnbench.export") !== facts.get("attnbench.export")) {
      throw refused(
        { name: pathOf(table) },
        `must be of the same export as ${pathOf("runs")}, got one of another`,
      );
    }
  }
  return facts;
}
