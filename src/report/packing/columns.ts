// Runs in the page as well: imports nothing.

/** Rows of plain values by their fields: what a page holds of charts and cases. */
export type Row = Readonly<Record<string, unknown>>;

/** Rows, packed: what each field says, one column after another. A field that a row does not have is null. */
export interface PackedRows {
  readonly count: number;
  readonly columns: readonly (readonly [field: string, column: Column])[];
}

/**
 * The values of one column, in the way that takes the fewest bytes: one after another; one that is the same in all rows;
 * those that differ and, by their places, which of them each row has, or how many rows in a row have it; or the first of
 * whole numbers that rise by one and how many they are, again and again.
 */
export type Column =
  | readonly unknown[]
  | { readonly all: unknown }
  | { readonly of: readonly unknown[]; readonly which: readonly number[] }
  | { readonly of: readonly unknown[]; readonly runs: readonly number[] }
  | { readonly rising: readonly number[] };

/** Packs rows. Fractions keep six digits, more than a picture shows. */
export function packedRows(rows: readonly Row[]): PackedRows {
  const fields = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return {
    count: rows.length,
    columns: fields.map((field) => [field, packedColumn(rows.map((row) => rounded(row[field] ?? null)))]),
  };
}

/** The rows that were packed, each an object of its own. */
export function unpackedRows({ count, columns }: PackedRows): readonly Row[] {
  const unpacked = columns.map(([field, column]) => [field, unpackedColumn(column, count)] as const);
  return Array.from({ length: count }, (_, row) =>
    Object.fromEntries(unpacked.map(([field, values]) => [field, values[row]])),
  );
}

/** Packs values of JSON: numbers, texts, truth values, null. */
export function packedColumn(values: readonly unknown[]): Column {
  const places = new Map(values.map((value) => [JSON.stringify(value), value]));
  if (places.size === 1) return { all: values[0] };
  const order = new Map([...places.keys()].map((text, place) => [text, place]));
  const of = [...places.values()];
  const which = values.map((value) => order.get(JSON.stringify(value)) ?? 0);
  const ways: readonly Column[] = [
    values,
    { of, which },
    { of, runs: runsOf(which, (value, last) => value === last) },
    ...(values.every(Number.isSafeInteger)
      ? [{ rising: runsOf(values.map(Number), (value, last, length) => value === last + length) }]
      : []),
  ];
  return ways.reduce((a, b) => (JSON.stringify(b).length < JSON.stringify(a).length ? b : a));
}

/** The values of a column of so many rows. */
export function unpackedColumn(column: Column, count: number): readonly unknown[] {
  if ("all" in column) return Array.from({ length: count }, () => column.all);
  if ("which" in column) return column.which.map((place) => column.of[place]);
  if ("runs" in column) return spread(column.runs, (place) => column.of[place]);
  if ("rising" in column) return spread(column.rising, (first, step) => first + step);
  return column;
}

/** A number and how many belong to it, again and again; `joins` says whether one more belongs to the last. */
function runsOf(
  values: readonly number[],
  joins: (value: number, first: number, length: number) => boolean,
): readonly number[] {
  const runs: number[] = [];
  for (const value of values) {
    const [first, length] = runs.slice(-2);
    if (runs.length > 0 && joins(value, first, length)) runs[runs.length - 1]++;
    else runs.push(value, 1);
  }
  return runs;
}

function spread<T>(runs: readonly number[], valueAt: (first: number, step: number) => T): readonly T[] {
  return runs.flatMap((first, place) =>
    place % 2 === 1 ? [] : Array.from({ length: runs[place + 1] }, (_, step) => valueAt(first, step)),
  );
}

function rounded(value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
}
