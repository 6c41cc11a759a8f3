import { stringify } from "csv-stringify/sync";
import type { ComparedCell, Comparison, OneSided, WorkChange } from "../../compare/comparison.ts";
import { IDENTITY, type Identified, type NamedField } from "../../record/schema/identity.ts";
import { shortName } from "../../text/labels.ts";

/** What a column holds for a row. */
type Columns<Row> = Readonly<Record<string, (row: Row) => string | number | boolean | null>>;

/** As much as a results file may hold in one text. */
const LONGEST = 20_000;

/** The fields that every cell has. */
const identityColumns = columnsOf(
  IDENTITY.filter(({ name, rare }) => name !== "input" && rare === undefined),
);

function columnsOf(fields: readonly NamedField[]): Columns<ComparedCell> {
  return Object.fromEntries(fields.map(({ name, of }) => [name, of]));
}

/**
 * Units are in the names, `_s` seconds; ratios are head over base, `detectable` is a share, `mean_calls` a
 * count.
 */
const cellColumns: Columns<ComparedCell> = {
  case: (cell) => cell.case,
  ...identityColumns,
  verdict: (cell) => cell.verdict,
  base_s: (cell) => cell.base_s,
  head_s: (cell) => cell.head_s,
  ratio: (cell) => cell.time.ratio,
  ratio_low: (cell) => cell.time.low,
  ratio_high: (cell) => cell.time.high,
  count: (cell) => cell.count,
  detectable: (cell) => cell.detectable,
  note: (cell) => cell.note,
  median_verdict: (cell) => cell.medianVerdict,
  mean_verdict: ({ mean }) => mean?.verdict ?? null,
  mean_base_s: ({ mean }) => mean?.base_s ?? null,
  mean_head_s: ({ mean }) => mean?.head_s ?? null,
  mean_ratio: ({ mean }) => mean?.time.ratio ?? null,
  mean_ratio_low: ({ mean }) => mean?.time.low ?? null,
  mean_ratio_high: ({ mean }) => mean?.time.high ?? null,
  mean_detectable: ({ mean }) => mean?.detectable ?? null,
  mean_calls: ({ mean }) => mean?.calls ?? null,
  mean_note: ({ mean }) => mean?.note ?? null,
};

const workColumns: Columns<WorkChange> = {
  case: (change) => change.case,
  quantity: (change) => change.quantity,
  base: (change) => change.base,
  head: (change) => change.head,
  accepted: (change) => change.accepted,
};

const oneSidedColumns: Columns<OneSided> = {
  case: (one) => one.case,
  side: (one) => one.side,
  broken: (one) => one.broken,
  reason: (one) => one.reason,
};

/** One row per cell. Fields that most cells have none of are columns after all others, if some cell has one. */
export function cellsCsv({ cells }: Comparison): string {
  const identified: readonly Identified[] = cells;
  const needed = IDENTITY.filter(
    ({ name, rare }) => rare && identified.some((one) => one[name] !== undefined),
  );
  return toCsv({ ...cellColumns, ...columnsOf(needed) }, cells);
}

/** One row per quantity that differs: a separate table, because its columns differ. */
export function workCsv({ work }: Comparison): string {
  return toCsv(workColumns, work);
}

/** One row per cell that only one side has. */
export function oneSidedCsv({ oneSided }: Comparison): string {
  return toCsv(oneSidedColumns, oneSided);
}

/**
 * Missing values are empty, never 0. Text that a spreadsheet would take for a formula is defused, and
 * unprintable characters are spelled out, so that each row is one line.
 */
function toCsv<Row>(columns: Columns<Row>, rows: readonly Row[]): string {
  const records = rows.map((row) =>
    Object.values(columns).map((column) => {
      const value = column(row);
      return typeof value === "string" ? shortName(value, LONGEST) : value;
    }),
  );
  return stringify([Object.keys(columns), ...records], {
    escape_formulas: true,
    cast: { boolean: (value) => String(value), number: (value) => String(value) },
  });
}
