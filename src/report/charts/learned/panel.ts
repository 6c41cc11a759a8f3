import { capitalised, measureText } from "../../learning/measure-text.ts";
import type { DrawnRow } from "./drawn-rows.ts";

/** The rows of one panel, which are of one task, but for the sizes of the model around it. */
export interface Panel {
  /** What its accuracy is of, with the task's name. */
  readonly name: string;
  readonly rows: readonly DrawnRow[];
}

/** A panel a task, in the study's order; tasks that differ in their models alone share one. */
export function panelsOf(rows: readonly DrawnRow[]): readonly Panel[] {
  const alike = Map.groupBy(rows, ({ task: { id, params, measure, length, steps, chance } }) =>
    JSON.stringify([id, params, measure, length, steps, chance]),
  );
  return [...alike.values()].map((own) => {
    const [{ task }] = own;
    const names = [...new Set(own.map(({ taskLabel }) => taskLabel))];
    return { name: `${names.join(", ")}:\n${measureText(task)}`, rows: own };
  });
}

/** What the accuracies of some panels are called together. */
export function titleOf(panels: readonly Panel[]): string {
  const texts = new Set(panels.map(({ rows: [{ task }] }) => measureText(task)));
  const [only] = texts;
  return texts.size === 1 ? capitalised(only) : "Share of right answers";
}
