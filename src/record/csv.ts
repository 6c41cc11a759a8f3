import { stringify } from "csv-stringify/sync";
import type { CaseRow, Results } from "./case-row.ts";
import { IDENTITY, type NamedField } from "./schema/identity.ts";

type Column = keyof CaseRow;

/** What a case was found to be, and the identity fields that ended up among those columns. */
const found = [
  "outcome",
  "reason",
  "median_s",
  "low_s",
  "high_s",
  "min_s",
  "samples",
  "rounds",
  "prepare_s",
  "pairs",
  "useful_flops",
  "executed_flops",
  "bytes",
  "workspace_bytes",
  "gate_error",
  "gate_budget",
  "fidelity_error",
  "percent_of_ceiling",
  "ideal_speedup",
  "achieved_over_ideal",
  "input",
  "warnings",
  "mode",
  "state_bytes",
  "prefill_s",
  "percent_of_bandwidth",
  "resident_bytes",
  "first_prepare_s",
  "remarks",
] as const satisfies readonly Column[];

/** What only some cases were found to be: columns after all others, if a case has them. */
const rarelyFound = [
  "alignment",
  "transfer_s",
  "around_s",
  "device_s",
  "clock",
  "select_s",
  "select_flops",
  "project_s",
  "project_flops",
  "saved_bytes",
  "mean_fidelity_error",
  "fidelity_against",
  "arena",
  "first_step_s",
] as const satisfies readonly Column[];

const identity: ReadonlyMap<Column, NamedField> = new Map(IDENTITY.map((field) => [field.name, field]));

/**
 * The columns of the CSV, in order: what a case is, what it was found to be, and rare fields if some case has
 * them. Units are in the names: `_s` seconds; bytes and FLOPs are counts.
 */
function columnsOf(rows: readonly CaseRow[]): readonly Column[] {
  const others = IDENTITY.filter(({ name }) => !(found as readonly Column[]).includes(name));
  const usual = others.filter(({ rare }) => rare === undefined);
  const needed = others.filter(({ name, rare }) => rare && rows.some((row) => row[name] !== undefined));
  const also = rarelyFound.filter((name) => rows.some((row) => row[name] !== undefined));
  return [...usual.map(({ name }) => name), ...found, ...needed.map(({ name }) => name), ...also];
}

/**
 * One row per case. Missing values are empty, never 0; text that a spreadsheet would take for a formula is
 * defused.
 */
export function casesCsv({ rows }: Results): string {
  const columns = columnsOf(rows);
  const records = rows.map((row) =>
    columns.map((column) => {
      const field = identity.get(column);
      if (field !== undefined) return field.of(row);
      const value = row[column];
      return Array.isArray(value) ? value.join("; ") : value;
    }),
  );
  return toCsv(columns, records);
}

const sampleColumns = [
  "variant",
  "kernel",
  "length",
  "case",
  "round",
  "sample",
  "at_s",
  "calls",
  "seconds",
] as const;

/** One row per sample, in time order within each round. */
export function samplesCsv({ rows, rounds }: Results): string {
  const rowOf = new Map(rows.map((row) => [row.case, row]));
  const records = rounds.flatMap((round) => {
    const { variant, kernel, length } = rowOf.get(round.case) ?? {};
    return round.samples.map((seconds, sample) => [
      variant,
      kernel,
      length,
      round.case,
      round.round,
      sample,
      round.at_s,
      round.calls,
      seconds,
    ]);
  });
  return toCsv(sampleColumns, records);
}

/** Text that a spreadsheet would take for a formula is defused; missing values are empty. */
export function toCsv(header: readonly string[], records: ReadonlyArray<readonly unknown[]>): string {
  return csvLines([header, ...records]);
}

/** The same without a header. */
export function csvLines(records: ReadonlyArray<readonly unknown[]>): string {
  return stringify(
    records.map((record) => [...record]),
    {
      escape_formulas: true,
      cast: { boolean: (value) => String(value), number: (value) => String(value) },
    },
  );
}
