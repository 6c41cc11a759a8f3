import { valueAt } from "../record/value-at.ts";
import type { Cell, Column, Row } from "./column.ts";
import { usualIn } from "./column.ts";

/** The columns of a row that a line has: its own fields, by the columns' paths. */
export function cellsOf(line: object, columns: readonly Column[]): Record<string, Cell> {
  const row: Record<string, Cell> = {};
  const explicit: string[] = [];
  const omitted: Column[] = [];
  for (const column of columns) {
    if (column.path === undefined) continue;
    const value = valueAt(line, column.path);
    if (value === undefined) omitted.push(column);
    row[column.name] = value === undefined ? null : cellOf(value, column);
  }
  for (const column of omitted) row[column.name] = usualIn(column, row);
  for (const column of columns) {
    if (column.optional !== true || column.path === undefined || omitted.includes(column)) continue;
    if (row[column.name] === usualIn(column, row)) explicit.push(column.name);
  }
  row.explicit = explicit.length === 0 ? null : JSON.stringify(explicit);
  return row;
}

function cellOf(value: unknown, { type }: Column): Cell {
  return type === "json" && value !== null ? JSON.stringify(value) : (value as Cell);
}

/**
 * What `cellsOf` was given, but for what is the same in all lines of a table. JSON is parsed, nothing else is validated;
 * `refuse` is told of a column whose text is none.
 */
export function fieldsOf(
  row: Row,
  columns: readonly Column[],
  refuse: (column: string) => never,
): Record<string, unknown> {
  const parsed = (name: string, cell: Cell): unknown => {
    if (typeof cell !== "string") return cell;
    try {
      return JSON.parse(cell);
    } catch {
      return refuse(name);
    }
  };
  const line: Record<string, unknown> = {};
  const named = parsed("explicit", row.explicit);
  const explicit: ReadonlySet<unknown> = new Set(Array.isArray(named) ? named : []);
  for (const column of columns) {
    const { name, path, optional = false, type } = column;
    if (path === undefined) continue;
    const cell = row[name];
    if (optional && cell === usualIn(column, row) && !explicit.has(name)) continue;
    put(line, path, type === "json" ? parsed(name, cell) : cell);
  }
  return line;
}

function put(line: Record<string, unknown>, [key, ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    line[key] = value;
    return;
  }
  const inner = (line[key] ?? {}) as Record<string, unknown>;
  line[key] = inner;
  put(inner, rest, value);
}
