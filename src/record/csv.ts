import { stringify } from "csv-stringify/sync";
import { maskText } from "../core/call-settings.ts";
import type { CaseRow, Results } from "./case-row.ts";
import { modeOf } from "./schema/case-task.ts";

/** The columns of the CSV, in order. Units are in the names: `_s` seconds; bytes and FLOPs are counts. */
const columns = [
  "variant",
  "kernel",
  "length",
  "batch",
  "heads",
  "head_dim",
  "causal",
  "threads",
  "params",
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
] as const satisfies ReadonlyArray<keyof CaseRow>;

/** Columns that follow where a case has a value of them: most runs have none. */
const rareColumns = ["scale", "mask"] as const satisfies ReadonlyArray<keyof CaseRow>;

/** One row a case. Missing values are empty, never 0; text that a spreadsheet would take for a formula is defused. */
export function casesCsv({ rows }: Results): string {
  const rare = rareColumns.filter((column) => rows.some((row) => row[column] !== undefined));
  const shown = [...columns, ...rare];
  const records = rows.map((row) =>
    shown.map((column) => {
      if (column === "mode") return modeOf(row);
      if (column === "mask") return row.mask === undefined ? null : maskText(row.mask);
      const value = row[column];
      if (column === "params") return JSON.stringify(value);
      return Array.isArray(value) ? value.join("; ") : value;
    }),
  );
  return toCsv(shown, records);
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

/** One row a sample, in time order within each round. */
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

function toCsv(header: readonly string[], records: ReadonlyArray<readonly unknown[]>): string {
  return stringify([[...header], ...records.map((record) => [...record])], {
    escape_formulas: true,
    cast: { boolean: (value) => String(value), number: (value) => String(value) },
  });
}
