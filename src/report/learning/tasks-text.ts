import type { StudiedTask } from "../../record/schema/learning-lines.ts";
import { countText } from "../../text/count-text.ts";
import { shortName } from "../../text/labels.ts";

/** What was learned: the name of one task, or how many; a task at several widths of a head is one. */
export function tasksText(tasks: readonly StudiedTask[]): string {
  const widthOf = ({ model }: StudiedTask): number => model.width / model.heads;
  const names = new Set(tasks.map(withoutWidth));
  const widths = new Set(tasks.map(widthOf));
  const [only] = names;
  const named = names.size === 1 ? shortName(only) : countText(names.size, "task");
  return names.size === tasks.length ? named : `${named} at ${countText(widths.size, "width")} of a head`;
}

/** A name that is equal in tasks that differ in the width of a head alone. */
function withoutWidth({ task, model }: StudiedTask): string {
  const ending = ` head-dim=${model.width / model.heads}`;
  return task.endsWith(ending) ? task.slice(0, -ending.length) : task;
}
