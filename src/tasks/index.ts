import { unknownName } from "../core/errors.ts";
import { mqar } from "./mqar.ts";
import type { LearningTask } from "./task.ts";

/** The tasks that variants can be trained on, in the order in which they are told of. */
export const TASKS: readonly LearningTask[] = [mqar];

/** The task of this id. Refuses an unknown one and lists those known. */
export function findTask(id: string): LearningTask {
  const found = TASKS.find((task) => task.id === id);
  if (found !== undefined) return found;
  throw unknownName(
    "task",
    id,
    TASKS.map((task) => task.id),
  );
}
