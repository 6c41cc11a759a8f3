import type { TableEntry } from "../../core/table-one.ts";
import type { CaseRow, Results } from "../../record/case-row.ts";
import { roundMedians } from "../../stats/round-medians.ts";
import { pathText, valueText } from "../../text/table-one.ts";
import { exponentText, growthOverRounds } from "../growth.ts";
import { lengthsOf, rowAt, type Series } from "../series.ts";

/** Vaswani et al.'s Table 1 for the series of a report, with the exponent that time grew by. */
export interface TableOne {
  readonly lengths: readonly number[];
  readonly rows: readonly TableOneRow[];
}

interface TableOneRow {
  readonly series: Series;
  /** Its formulas, with the parameters of its longest case. */
  readonly entry: TableEntry;
  /** Its values, with the parameters of each case. */
  readonly values: readonly TableOneValues[];
  /** The exponent fitted on time; `–` with too few lengths. */
  readonly measured: string;
  readonly declared: string;
}

interface TableOneValues {
  readonly perLayer: string;
  readonly sequential: string;
  readonly path: string;
}

/** The table for the series that have a row in it; null if none has. */
export function tableOneOf(series: readonly Series[], { tableOne = [], rounds }: Results): TableOne | null {
  const entries = new Map(tableOne.map((entry) => [keyOf(entry), entry]));
  const entryAt = (row: CaseRow | undefined): TableEntry | undefined =>
    row && entries.get(keyOf({ ...row, headDim: row.head_dim }));
  const times = roundMedians(rounds);
  const lengths = lengthsOf(series);
  const rows = series.flatMap((one): readonly TableOneRow[] => {
    const entry = entryAt(one.rows[one.rows.length - 1]);
    if (entry === undefined) return [];
    const { time, declared } = growthOverRounds(one, times);
    const values = lengths.map((length) => valuesAt(entryAt(rowAt(one, length)), length));
    return [
      {
        series: one,
        entry,
        values,
        measured: time === null ? "–" : exponentText(time),
        declared: `N^${Number(declared.toFixed(2))}`,
      },
    ];
  });
  return rows.length === 0 ? null : { lengths, rows };
}

function valuesAt(entry: TableEntry | undefined, length: number): TableOneValues {
  if (entry === undefined) return { perLayer: "–", sequential: "–", path: "–" };
  return {
    perLayer: valueText(entry.perLayer, length),
    sequential: valueText(entry.sequential, length),
    path: pathText(entry, length),
  };
}

function keyOf({ variant, causal, params, heads, headDim }: Omit<TableEntry, Told>): string {
  return JSON.stringify([variant, causal, params, heads, headDim]);
}

type Told = "family" | "perLayer" | "sequential" | "path" | "searches";
