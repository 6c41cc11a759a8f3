/** Rows of a chart's data with their field names given once, as the page holds them. */
export interface PackedRows {
  readonly fields: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/**
 * Packs the rows of a compiled chart: a page holds a dozen charts of some hundred rows. Fractions keep six
 * digits, more than a picture shows. Anything but rows of plain values stays as it is.
 */
export function withPackedRows(compiled: object): object {
  const { data } = compiled as { readonly data?: readonly { readonly values?: unknown }[] };
  if (data === undefined) return compiled;
  return {
    ...compiled,
    data: data.map((one) => (isRows(one.values) ? { ...one, values: packed(one.values) } : one)),
  };
}

type Row = Readonly<Record<string, unknown>>;

function packed(rows: readonly Row[]): PackedRows {
  const fields = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return { fields, rows: rows.map((row) => fields.map((field) => rounded(row[field]))) };
}

function isRows(values: unknown): values is readonly Row[] {
  return (
    Array.isArray(values) &&
    values.every((row) => typeof row === "object" && row !== null && !Array.isArray(row))
  );
}

function rounded(value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
}
