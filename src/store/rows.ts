import { type CaseRow, summarize } from "../record/case-row.ts";
import type { Learned } from "../record/learned.ts";
import type { ReadResults } from "../record/read.ts";
import { rateOf } from "../record/schema/chosen-rate.ts";
import type { CaseLine } from "../record/schema/result-lines.ts";
import { median } from "../stats/median.ts";
import { cellsOf } from "./cells.ts";
import type { Cell, Row } from "./column.ts";
import { type SummaryColumn, summaryColumns, TABLES, type TableName } from "./tables.ts";

/** A row, with the table that it is of. */
export type TableRow = readonly [table: TableName, row: Row];

/** What numbers the rows of a store: each run is given the next numbers. */
export interface Numbering {
  run: number;
  caseId: number;
}

/** The results file that a run was in: its number in the store, and its name without the folder. */
export interface SourceFile {
  readonly file_id: number;
  readonly file: string;
}

/** A run with the results file that it was in. */
export interface SourcedRun {
  readonly read: ReadResults;
  readonly source: SourceFile;
}

/** The rows of one run, those of each table in order. */
export function* rowsOf(
  read: ReadResults,
  source: SourceFile,
  numbering: Numbering,
): Generator<TableRow, void, void> {
  const run = numbering.run++;
  yield ["runs", { run, ...source, truncated: read.truncated, ...cellsOf(read.run, TABLES.runs.columns) }];
  const last = new Map<string, CaseLine>();
  for (const line of read.lines) if (line.type === "case") last.set(line.case, line);
  const summaries = new Map(summarize(source.file, read.run, read.lines).rows.map((row) => [row.case, row]));
  const idOf = new Map<string, number>();
  for (const line of read.lines) {
    if (line.type === "case" && last.get(line.case) === line) idOf.set(line.case, numbering.caseId++);
  }
  for (const [index, one] of read.lines.entries()) {
    const case_id = idOf.get(one.case) ?? null;
    const begin = { run, case_id, line: index + 1 };
    if (one.type === "round") {
      const median_s = median(one.samples);
      yield ["rounds", { ...begin, ...cellsOf(one, TABLES.rounds.columns), median_s }];
      continue;
    }
    const row = { ...begin, ...cellsOf(one, TABLES.cases.columns) };
    const summary = summaries.get(one.case);
    if (last.get(one.case) !== one || summary === undefined) yield ["replaced", row];
    else yield ["cases", { ...row, ...summaryOf(summary) }];
  }
  if (read.learned !== null) yield* learnedRows(read.learned, run);
}

function summaryOf(summary: CaseRow): Record<SummaryColumn, Cell> {
  const cells = summaryColumns.map(({ name, type }) => {
    const value = summary[name] ?? null;
    return [name, type === "json" ? JSON.stringify(value) : value];
  });
  return Object.fromEntries(cells);
}

function* learnedRows({ study, runs }: Learned, run: number): Generator<TableRow, void, void> {
  yield ["studies", { run, ...cellsOf(study, TABLES.studies.columns) }];
  const cells = new Map(study.cells.map((cell) => [cell.cell, cell]));
  const runsOf = Map.groupBy(runs, ({ cell }) => cell);
  const rates = new Map(
    study.cells.map((cell) => [cell.cell, rateOf(cell, study, runsOf.get(cell.cell) ?? [])]),
  );
  for (const [index, one] of runs.entries()) {
    const { task = "", variant = "" } = cells.get(one.cell) ?? {};
    const reported = one.role === "test" && one.rate === rates.get(one.cell);
    const row = { run, line: index + 1, ...cellsOf(one, TABLES.trained.columns), task, variant, reported };
    yield ["trained", row];
  }
}
