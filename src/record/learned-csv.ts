import { toCsv } from "./csv.ts";
import type { Learned } from "./learned.ts";
import { chosenRate, triedRates } from "./schema/chosen-rate.ts";

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
  "chosen",
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
 * `unsupported`. `chosen` says whether the choosing runs of its cell chose its rate; empty if there were none.
 */
export function learnedCsv({ study, runs }: Learned): string {
  const tasks = new Map(study.tasks.map((one) => [one.task, one]));
  const cells = new Map(study.cells.map((one) => [one.cell, one]));
  const chosen = new Map(
    [...Map.groupBy(runs, ({ cell }) => cell)].map(([cell, own]) => [
      cell,
      chosenRate(triedRates(own))?.rate ?? null,
    ]),
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
    const rate = chosen.get(run.cell) ?? null;
    const { role, seed, outcome, reason, accuracy, steps_to_99, still_gaining, processor_s, kernel } = run;
    return {
      ...cellColumns(run.cell),
      ...{
        role,
        rate: run.rate,
        chosen: rate === null ? null : run.rate === rate,
        seed,
        outcome,
        reason,
        accuracy,
      },
      ...{ steps_to_99, still_gaining, processor_s, kernel: kernel?.kernel },
      ...{ kernel_error: kernel?.agreement.error, kernel_budget: kernel?.agreement.budget },
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
