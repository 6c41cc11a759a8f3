/** What needs no quotes in bash, anywhere in a word. */
const PLAIN = /^[\w@%+:,./-]+$/;

/**
 * The word of bash that is `text` and nothing else, on one line, whatever is in it but NUL, which no argument can hold.
 * `text/shell-quoted.ts` is for people: it shortens what is long.
 */
export function bashWord(text: string): string {
  if (PLAIN.test(text)) return text;
  const quoted = text
    .replace(/[\\']/g, "\\$&")
    // Also what a terminal or an editor obeys, so that no line of a script seems to be another.
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
      [...Buffer.from(character, "utf8")].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join(""),
    );
  return `$'${quoted}'`;
}

/** Words in bash's parentheses, one a line. */
export function bashArray(words: readonly string[]): string {
  return `(\n${words.map((word) => `  ${bashWord(word)}\n`).join("")})`;
}
