import { countText } from "../../text/count-text.ts";
import { changeText } from "../comparison/change-text.ts";
import type { HistoryView } from "./view.ts";

/** What a history comes to, in a sentence or two. */
export function historyAnswer({ series }: HistoryView): string {
  if (series.length === 0) return "The history holds no series.";
  const slower = series.flatMap(({ changes }) => {
    const open = changes.filter(({ accepted, change }) => accepted === null && change.ratio > 1);
    const last = open.at(-1);
    return last === undefined ? [] : [last];
  });
  const still = slower.filter(({ now }) => now > 1.01);
  const faster = series.filter(({ changes }) => (changes.at(-1)?.change.ratio ?? 1) < 1).length;
  if (still.length === 0 && faster === 0) return `Nothing changed in ${series.length} series.`;
  const worst = still.reduce((most, { change }) => Math.max(most, change.ratio), 1);
  return [
    still.length === 0
      ? "Nothing became slower and stayed so"
      : `Of ${series.length} series, ${still.length} became slower and still ${still.length === 1 ? "is" : "are"}, by ${changeText(worst)} at most`,
    faster === 0 ? "" : `; of ${countText(faster, "other")} the last change was for the better`,
    ".",
  ].join("");
}
