import type { Row } from "../column.ts";
import type { TableName } from "../tables.ts";

/** A store that is being read: nothing in it is believed. */
export interface OpenStore {
  /** What messages call a table of it. */
  nameOf(table: TableName): string;
  has(table: TableName): boolean;
  /** What the store says of itself, by names. */
  readonly facts: ReadonlyMap<string, string>;
  /**
   * The rows of a table in their order, some at a time, with a cell of its type, or none, in each column; no rows if the store
   * lacks the table.
   */
  rows(table: TableName): AsyncGenerator<readonly Row[], void, void>;
  close(): void;
}
