import { FailureError, printable } from "../../core/errors.ts";
import type { TableName } from "../tables.ts";

/** Where something stands in a store. Rows are counted from 1, as tools count them. */
export interface StorePlace {
  /** What messages call the table. */
  readonly name: string;
  readonly row?: number;
  readonly column?: string;
}

/** The error that refuses what stands there. */
export function refused({ name, row, column }: StorePlace, rule: string, advice = ADVICE): FailureError {
  const where = [
    printable(name),
    ...(row === undefined ? [] : [`row ${row}`]),
    ...(column === undefined ? [] : [`column ${printable(column, 60)}`]),
  ];
  return new FailureError(`results: ${where.join(" ")}: ${rule}; ${advice}`);
}

/** What to do about a store that is not as it was written. */
export const ADVICE = "export it again from its results files";

/** What messages call a table of a database, whose other tables are in the same file. */
export function tableIn(path: string, table: TableName): string {
  return `${path} table ${table}`;
}

/** A value as messages show it. */
export function told(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  const text = typeof value === "bigint" ? String(value) : (JSON.stringify(value) ?? "nothing");
  return printable(text, 60);
}
