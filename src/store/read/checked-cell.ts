import type { Cell, Column, ColumnType } from "../column.ts";
import { refused, type StorePlace, told } from "./refused.ts";

const RULES: Readonly<Record<ColumnType, string>> = {
  text: "must be a text",
  json: "must be JSON as text",
  doubles: "must be a list of numbers",
  integer: "must be a whole number that a double holds",
  double: "must be a number",
  boolean: "must be true or false",
};

/** What a store holds in a column of a row as a cell of the column's type. Refuses anything else. */
export function checkedCell(value: unknown, column: Column, place: StorePlace): Cell {
  if (value === null || value === undefined) return null;
  const cell = cellOf(value, column.type);
  if (cell !== undefined) return cell;
  throw refused({ ...place, column: column.name }, `${RULES[column.type]}, got ${told(value)}`);
}

function cellOf(value: unknown, type: ColumnType): Cell | undefined {
  switch (type) {
    case "text":
    case "json":
      return typeof value === "string" ? value : undefined;
    case "double":
      return numberOf(value);
    case "integer": {
      const number = numberOf(value);
      return Number.isSafeInteger(number) ? number : undefined;
    }
    case "boolean":
      if (value === 0n || value === 1n) return value === 1n;
      return typeof value === "boolean" ? value : undefined;
    case "doubles":
      return listOf(value);
    default:
      return type satisfies never;
  }
}

/** A number, or a whole one that a double holds exactly. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "bigint") return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** A list of numbers, or JSON text of one. */
function listOf(value: unknown): readonly number[] | undefined {
  let list = value;
  if (typeof value === "string") {
    try {
      list = JSON.parse(value);
    } catch {
      return undefined;
    }
  }
  return Array.isArray(list) && list.every((one) => typeof one === "number") ? list : undefined;
}
