import type { StudiedTask } from "../../record/schema/learning-lines.ts";
import { shortName } from "../../text/labels.ts";
import { shareText } from "../../text/share-text.ts";

/** What an accuracy is to be compared with: what chance gives, and what a part of an example gives away. */
export function guessesText({ chance, shortcuts = [] }: Pick<StudiedTask, "chance" | "shortcuts">): string {
  const parts = shortcuts.map(({ by, accuracy }) => `by ${shortName(by)} ${shareText(accuracy)}`);
  return [`by chance ${shareText(chance)}`, ...parts].join(", ");
}
