/** What needs no quoting in any POSIX shell, anywhere in a word. */
const PLAIN = /^[\w@%+:,./-][\w@%+=:,./-]*$/;
/** What a terminal would obey, or show as something else. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Longer ones are not paths. */
const MOST_CHARACTERS = 1000;

/**
 * A shell word that means `text` and nothing else, to be printed and pasted. What cannot be printed is
 * written as escaped bytes in `$'…'`, which bash, zsh and ksh read.
 */
export function shellQuoted(text: string): string {
  if (text.length > MOST_CHARACTERS) return shellQuoted(`${text.slice(0, MOST_CHARACTERS - 1)}…`);
  if (PLAIN.test(text)) return text;
  if (text.search(UNPRINTABLE) === -1) return `'${text.replaceAll("'", `'\\''`)}'`;
  const escaped = text
    .replace(/[\\']/g, (character) => `\\${character}`)
    .replace(UNPRINTABLE, (character) =>
      [...Buffer.from(character, "utf8")].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join(""),
    );
  return `$'${escaped}'`;
}

/** The same for a file: a leading dash would make it an option, or standard input. */
export function quotedPath(path: string): string {
  return shellQuoted(path.startsWith("-") ? `./${path}` : path);
}
