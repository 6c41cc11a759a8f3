import { USUAL_DTYPE } from "../core/dtype.ts";
import { USUAL_OPERATION } from "../core/operation.ts";
import { studyLine, trainedLine } from "../record/schema/learning-lines.ts";
import { caseLine, roundLine, runLine } from "../record/schema/result-lines.ts";
import type { Column, Usual } from "./column.ts";
import { columnsOf } from "./columns-of.ts";

/** Raised whenever a reader of the old form would misread the new one. */
export const STORE_VERSION = 1;

/** "ATNB": what a database says it is, to `file` and to us. */
export const APPLICATION_ID = 0x41544e42;

export const TABLE_NAMES = ["runs", "cases", "rounds", "replaced", "studies", "trained"] as const;
export type TableName = (typeof TABLE_NAMES)[number];

/** A table of results, as Parquet, SQLite and CSV hold them. */
export interface Table {
  /** What a row is. */
  readonly about: string;
  readonly columns: readonly Column[];
  /** Whether a store lacks it if it would be empty. */
  readonly rare?: true;
}

const run: Column = {
  name: "run",
  type: "integer",
  nullable: false,
  about: "The run, counted from 0 through all files.",
};
const caseId: Column = {
  name: "case_id",
  type: "integer",
  nullable: false,
  about: "The case, counted from 0 through all runs: one of the table `cases`.",
};
const line: Column = {
  name: "line",
  type: "integer",
  nullable: false,
  about: "Where its line stands among the cases and rounds of its run, from 1.",
};
/** The fields that a line has although they say what omitting them says: null, or what is usual. */
const explicit: Column = {
  name: "explicit",
  type: "json",
  nullable: true,
  about: "Columns whose field the line has, although it says what its absence would say; none if NULL.",
};

/** `case` is a keyword of SQL, and so is `commit`. */
const CASE_NAME = "case_name";

const caseUsual: Readonly<Record<string, Usual>> = {
  mode: USUAL_OPERATION,
  dtype: USUAL_DTYPE,
  kv_heads: { as: "heads" },
  queries: { as: "length" },
  value_dim: { as: "head_dim" },
};
const caseColumns = columnsOf(caseLine, {
  without: ["type"],
  names: { case: CASE_NAME },
  usual: caseUsual,
});

const double = <Name extends string>(name: Name, about: string) =>
  ({ name, type: "double", nullable: true, about }) as const;
const integer = <Name extends string>(name: Name, about: string) =>
  ({ name, type: "integer", nullable: false, about }) as const;

/** What the rounds of a case say: as in our CSV, and null where that leaves a column empty. */
export const summaryColumns = [
  double("median_s", "Median over rounds of the median within a round."),
  double("low_s", "Lower end of the median's 95 % interval over rounds; NULL under six rounds."),
  double("high_s", "Upper end of it."),
  double("min_s", "The least of all samples."),
  integer("samples", "Samples in all rounds."),
  integer("rounds", "Rounds; 0 of a case that was measured: the run ended before its first."),
  { name: "warnings", type: "json", nullable: false, about: "Warnings of its rounds, each once." },
  double("transfer_s", "Median over the rounds that have it."),
  double("around_s", "Median over the rounds that have it."),
  double("device_s", "Median over the rounds that have it."),
  double("select_s", "Its part of the median call, by the median over rounds."),
  double("project_s", "Its part of the median call, by the median over rounds."),
  double("percent_of_ceiling", "Executed operations per second, in percent of the machine's best."),
  double("percent_of_bandwidth", "Of a decoding step, bytes per second in percent of what is read at best."),
  double("ideal_speedup", "Useful operations of full attention over those of the case."),
  double(
    "achieved_over_ideal",
    "The speed-up over the baseline of the same run, as a share of the ideal one.",
  ),
] as const satisfies readonly Column[];
export type SummaryColumn = (typeof summaryColumns)[number]["name"];

/** The tables, in the order in which they are written. */
export const TABLES: Readonly<Record<TableName, Table>> = {
  runs: {
    about: "One row a run: what was planned, on which machine, with which code.",
    columns: [
      run,
      integer("file_id", "The results file that it was in, counted from 0."),
      { name: "file", type: "text", nullable: false, about: "The name of that file, without its folder." },
      {
        name: "truncated",
        type: "boolean",
        nullable: false,
        about: "Whether the file ended within a line of this run, which is lost.",
      },
      ...columnsOf(runLine, {
        flat: ["plan", "environment", "shard"],
        without: ["type"],
        names: {
          "plan.cases": "planned_cases",
          "environment.commit": "commit_sha",
          "environment.plugins": "plugin_code",
          "shard.name": "shard",
        },
        usual: { "plan.simd": "auto" },
      }),
      explicit,
    ],
  },
  cases: {
    about: "One row a case: what was measured, how it ended, and its times summed up.",
    columns: [run, caseId, line, ...caseColumns, explicit, ...summaryColumns],
  },
  rounds: {
    about: "One row a round of a case: its samples, in time order.",
    columns: [
      run,
      caseId,
      line,
      ...columnsOf(roundLine, { without: ["type", "case"] }),
      explicit,
      { name: "median_s", type: "double", nullable: false, about: "Median of the samples." },
    ],
  },
  replaced: {
    about:
      "What was said of a case before the line that counts, such as that it was measured, if it failed later.",
    columns: [run, caseId, line, ...caseColumns, explicit],
    rare: true,
  },
  studies: {
    about: "One row a run in whose file is what variants learned: what was to be trained, and how.",
    columns: [
      run,
      ...columnsOf(studyLine, { without: ["type"], names: { plugins: "plugin_code" } }),
      explicit,
    ],
    rare: true,
  },
  trained: {
    about: "One row a training run, in the order in which they ended.",
    columns: [
      run,
      integer("line", "Where it stands among the training runs of its file, from 1."),
      ...columnsOf(trainedLine, { without: ["type"] }),
      explicit,
      { name: "task", type: "text", nullable: false, about: "The task of its cell." },
      { name: "variant", type: "text", nullable: false, about: "The variant of its cell." },
      {
        name: "reported",
        type: "boolean",
        nullable: false,
        about: "Whether it is a test run by the rate of its cell, of which accuracies are told.",
      },
    ],
    rare: true,
  },
};
