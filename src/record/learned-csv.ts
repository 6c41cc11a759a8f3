import { toCsv } from "./csv.ts";
import type { Learned } from "./learned.ts";
import { rateOf } from "./schema/chosen-rate.ts";

const columns = [
  "task",
  "variant",
  "params",
  "measure",
  "length",
  "steps",
  "chance",
  "role",
  "rate",
  "reported",
  "seed",
  "outcome",
  "reason",
  "accuracy",
  "reach",
  "direct_reach",
  "steps_to_99",
  "still_gaining",
  "parameters",
  "state_numbers",
  "processor_s",
  "kernel",
  "kernel_error",
  "kernel_budget",
  "protocol",
  "trainer",
  "cell",
] as const;

/**
 * One row a run, in the order in which they ended, then one for each cell that cannot be trained, whose outcome is
 * `unsupported`. `reported` says whether a run is a test run by the rate of its cell, of which accuracies are told.
 */
export function learnedCsv({ study, runs }: Learned): string {
  const tasks = new Map(study.tasks.map((one) => [one.task, one]));
  const cells = new Map(study.cells.map((one) => [one.cell, one]));
  const runsOf = Map.groupBy(runs, ({ cell }) => cell);
  const rates = new Map(
    study.cells.map((cell) => [cell.cell, rateOf(cell, study, runsOf.get(cell.cell) ?? [])]),
  );
  const cellColumns = (name: string) => {
    const cell = cells.get(name);
    const task = tasks.get(cell?.task ?? "");
    return {
      task: cell?.task,
      variant: cell?.variant,
      params: cell && JSON.stringify(cell.params),
      measure: task?.measure,
      length: task?.length,
      steps: task?.steps,
      chance: task?.chance,
      reach: cell?.reach,
      direct_reach: cell?.direct_reach,
      parameters: cell?.parameters,
      state_numbers: cell?.state_numbers,
      protocol: study.protocol,
      trainer: study.trainer,
      cell: name,
    };
  };
  const trained = runs.map((run) => {
    const rate = rates.get(run.cell) ?? null;
    const { role, seed, outcome, reason, accuracy, steps_to_99, still_gaining, processor_s, kernel } = run;
    return {
      ...cellColumns(run.cell),
      ...{
        role,
        rate: run.rate,
        reported: role === "test" && run.rate === rate,
        seed,
        outcome,
        reason,
        accuracy,
      },
      ...{ steps_to_99, still_gaining, processor_s, kernel: kernel?.kernel },
      ...{ kernel_error: kernel?.kernel_output.error, kernel_budget: kernel?.kernel_output.budget },
    };
  });
  const unsupported = study.cells.flatMap(({ cell, unsupported: reason }) =>
    reason === null ? [] : [{ ...cellColumns(cell), outcome: "unsupported", reason }],
  );
  const records: readonly Readonly<Partial<Record<(typeof columns)[number], unknown>>>[] = [
    ...trained,
    ...unsupported,
  ];
  return toCsv(
    columns,
    records.map((record) => columns.map((column) => record[column])),
  );
}
