import { unknownName } from "../core/errors.ts";
import { listops } from "./listops.ts";
import { mqar } from "./mqar.ts";
import { pixelRows } from "./pixel-rows.ts";
import { selectiveCopy } from "./selective-copy.ts";
import { sequenceCopy } from "./sequence-copy.ts";
import type { LearningTask } from "./task.ts";
import { windowRecall } from "./window-recall.ts";

/** The tasks that variants can be trained on, in the order in which they are told of. */
export const TASKS: readonly LearningTask[] = [
  mqar,
  selectiveCopy,
  windowRecall,
  listops,
  pixelRows,
  sequenceCopy,
];

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
