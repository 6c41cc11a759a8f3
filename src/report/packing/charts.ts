import {
  type Column,
  type PackedRows,
  packedColumn,
  packedRows,
  type Row,
  unpackedColumn,
  unpackedRows,
} from "./columns.ts";

// Runs in the page as well: imports only what does.

/** A compiled chart whose rows are packed; what does not differ from Vega's is not said. */
export interface PackedChart {
  readonly data?: readonly { readonly values?: unknown }[];
}

/** Rows of a chart, packed: `cases` says of which cases they are, those have the other fields; -1 is a row of none. */
interface ChartRows extends PackedRows {
  readonly cases?: Column;
}

/** Packs the charts of a results file, one after another. */
export interface ChartPacker {
  /** The chart with its rows packed; anything but rows of plain values stays as it is. */
  packed(compiled: PackedChart): PackedChart;
  /** What the rows of all charts packed so far say of their cases. */
  cases(): PackedRows;
}

/** A page holds a dozen charts of some hundred rows: what they say of a case, in `fields`, is held once for all. */
export function chartPacker(fields: readonly string[]): ChartPacker {
  const cases: Row[] = [];
  const places = new Map<string, number>();
  const placeOf = (row: Row): number => {
    const own = Object.fromEntries(fields.map((field) => [field, row[field]]));
    const text = JSON.stringify(own);
    const place = places.get(text) ?? cases.push(own) - 1;
    places.set(text, place);
    return place;
  };
  const isCase = (row: Row) => fields.every((field) => row[field] !== undefined);
  const packed = (rows: readonly Row[]): ChartRows => {
    if (!rows.some(isCase)) return packedRows(rows);
    const others = rows.map((row) => (isCase(row) ? without(row, fields) : row));
    return {
      ...packedRows(others),
      cases: packedColumn(rows.map((row) => (isCase(row) ? placeOf(row) : NO_CASE))),
    };
  };
  return {
    packed: (chart) => withRows(chart, (values) => (isRows(values) ? packed(values) : values)),
    cases: () => packedRows(cases),
  };
}

/** The chart that was packed, with these cases, which are not changed. */
export function unpackedChart(chart: PackedChart, cases: readonly Row[]): PackedChart {
  return withRows(chart, (values) => (isPacked(values) ? chartRows(values, cases) : values));
}

function withRows(chart: PackedChart, rowsOf: (values: unknown) => unknown): PackedChart {
  if (chart.data === undefined) return chart;
  return {
    ...chart,
    data: chart.data.map((one) => (one.values === undefined ? one : { ...one, values: rowsOf(one.values) })),
  };
}

function chartRows({ cases: of, ...packed }: ChartRows, cases: readonly Row[]): readonly Row[] {
  const rows = unpackedRows(packed);
  if (of === undefined) return rows;
  const places = unpackedColumn(of, packed.count);
  return rows.map((row, at) => (places[at] === NO_CASE ? row : { ...row, ...cases[Number(places[at])] }));
}

/** The place of a row that is of no case. */
const NO_CASE = -1;

function without(row: Row, fields: readonly string[]): Row {
  return Object.fromEntries(Object.entries(row).filter(([field]) => !fields.includes(field)));
}

function isPacked(values: unknown): values is ChartRows {
  return typeof values === "object" && values !== null && "columns" in values;
}

function isRows(values: unknown): values is readonly Row[] {
  return (
    Array.isArray(values) &&
    values.every((row) => typeof row === "object" && row !== null && !Array.isArray(row))
  );
}
