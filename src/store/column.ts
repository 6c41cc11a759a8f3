/**
 * What a column holds. `json`: JSON text, of whatever is nested. `doubles`: a list of numbers, in Parquet as such, elsewhere as
 * JSON text.
 */
export type ColumnType = "text" | "integer" | "double" | "boolean" | "json" | "doubles";

/** A value as rows have it: JSON is a text, a list of numbers is a list still. */
export type Cell = string | number | boolean | null | readonly number[];

/** Values by the names of columns. */
export type Row = Readonly<Record<string, Cell>>;

/** What a line means that omits a field: a value, or that of another column. */
export type Usual = string | { readonly as: string };

/** A column of a table. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Whether a row may have none. */
  readonly nullable: boolean;
  /** Where a line has it, such as `["plan", "seed"]`; omitted if no line has it, because it follows from others. */
  readonly path?: readonly string[];
  /** Whether a line may omit it. */
  readonly optional?: boolean;
  /** What the column then holds; none if omitted. */
  readonly usual?: Usual;
  /** What it is, where no comment of a line's field says so. */
  readonly about?: string;
}

/** What the column holds in a row whose line omits its field. */
export function usualIn({ usual }: Column, row: Row): Cell {
  return typeof usual === "object" ? row[usual.as] : (usual ?? null);
}
