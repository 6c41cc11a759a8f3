import { capitalised, measureText } from "../../learning/measure-text.ts";
import type { DrawnRow } from "./drawn-rows.ts";

/** The rows of one panel, which are of one task, but for the sizes of the model around it. */
export interface Panel {
  /** What its accuracy is of, with the task's name. */
  readonly name: string;
  /** The task's name alone. */
  readonly task: string;
  /** Its place among the tasks of the study, as in `DrawnRow`. */
  readonly at: number;
  readonly rows: readonly DrawnRow[];
}

/** A panel a task, in the study's order; tasks that differ in their models alone share one. */
export function panelsOf(rows: readonly DrawnRow[]): readonly Panel[] {
  return [...Map.groupBy(rows, ({ at }) => at)].map(([at, own]) => {
    const [{ task }] = own;
    const name = [...new Set(own.map(({ taskLabel }) => taskLabel))].join(", ");
    return { name: `${name}:\n${measureText(task)}`, task: name, at, rows: own };
  });
}

/** What the accuracies of some panels are called together. */
export function titleOf(panels: readonly Panel[]): string {
  const texts = new Set(panels.map(({ rows: [{ task }] }) => measureText(task)));
  const [only] = texts;
  return texts.size === 1 ? capitalised(only) : "Share of right answers";
}
