import type { Row } from "../column.ts";
import type { TableName } from "../tables.ts";

/** A store that is being written. Rows of a table come in its order; those of several tables in turn. */
export interface StoreWriter {
  add(table: TableName, row: Row): void;
  /** Writes what is still held, and says what the store is. Nothing is added after that. */
  finish(facts: StoreFacts): void;
  /** Closes files that are open, whatever is in them. */
  close(): void;
}

/** What a store says of itself: a text under each name. */
export type StoreFacts = Readonly<Record<string, string>>;
