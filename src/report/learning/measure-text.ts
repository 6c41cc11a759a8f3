import type { StudiedTask } from "../../record/schema/learning-lines.ts";
import { countText } from "../../text/count-text.ts";
import { formatLength } from "../../text/format.ts";
import { shortName } from "../../text/labels.ts";

/** What a task's accuracy is of, such as `recall at 64 tokens after 800 steps`: never quality, which no task measures. */
export function measureText(task: Pick<StudiedTask, "measure" | "length" | "steps">): string {
  return `${shortName(task.measure)} at ${formatLength(task.length)} tokens after ${countText(task.steps, "step")}`;
}

/** The same at the start of a sentence. */
export function capitalised(text: string): string {
  const [first = "", ...rest] = text;
  return first.toUpperCase() + rest.join("");
}
