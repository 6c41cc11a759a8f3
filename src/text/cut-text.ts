/** Characters before the limit in which to look for the end of a word. */
const REACH = 60;

/**
 * A text of at most `limit` characters: a longer one ends with a whole word, if it has words, and an
 * ellipsis.
 */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const kept = text.slice(0, limit - 1).toWellFormed();
  const space = kept.lastIndexOf(" ");
  return space > limit - REACH ? `${kept.slice(0, space).replace(/[,;:]$/, "")} …` : `${kept}…`;
}

/** A name of at most `limit` characters: of a longer one the beginning and an ellipsis. */
export function cutName(name: string, limit: number): string {
  const characters = [...name];
  return characters.length > limit ? `${characters.slice(0, limit - 1).join("")}…` : name;
}

/** Names in a sentence, `most` of them, and how many more there are. */
export function named(names: readonly string[], most: number): string {
  const more = names.length - most;
  return more > 1 ? `${names.slice(0, most).join(", ")} and ${more} more` : names.join(", ");
}
