import type { Panel } from "./panel.ts";

/** The task whose number is chosen, below 0 for all of them, as long as there are several. */
export const TASK = "task" as const;

/** Rows of the tasks that are chosen. */
export const IS_CHOSEN = `${TASK} < 0 || datum.at === ${TASK}`;

/** What lets a reader choose among the panels of a chart whose rows bear the panel's `at`: its parameter, and its words for `usermeta`. */
export function taskChoice(panels: readonly Pick<Panel, "at" | "task">[]): {
  readonly params: readonly { readonly name: typeof TASK; readonly value: number }[];
  readonly tasks: readonly (readonly [at: number, name: string])[];
} {
  if (panels.length < 2) return { params: [], tasks: [] };
  return {
    params: [{ name: TASK, value: -1 }],
    tasks: [...new Map(panels.map(({ at, task }) => [at, task]))],
  };
}
