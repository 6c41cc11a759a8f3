import { printable, UsageError } from "../../core/errors.ts";

/**
 * The words of a command as a shell would split them: at spaces, but for what stands in '…' or "…", in which `\"` and `\\`
 * stand for themselves. Nothing is expanded. Throws a UsageError that begins with `where`.
 */
export function commandWords(where: string, text: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quote !== null) {
      if (character === quote) quote = null;
      else if (quote === '"' && character === "\\" && /["\\]/.test(text[at + 1] ?? "")) word += text[++at];
      else word += character;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= "";
    } else if (/\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? "") + character;
  }
  if (quote !== null) {
    throw new UsageError(
      `${where}: a quotation must end, got ${printable(text, 80)}; add the missing ${quote}`,
    );
  }
  if (word !== null) words.push(word);
  if (words.length === 0 || words[0] === "") {
    throw new UsageError(`${where}: must name a program, got nothing; write exec:"python3 mine.py"`);
  }
  return words;
}

/** Cuts a list at its commas, but for those within quotation marks, braces or brackets. */
export function outsideQuotes(text: string): string[] {
  const parts: string[] = [];
  let [from, quote, depth] = [0, "", 0];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quote !== "") {
      if (quote === '"' && character === "\\") at++;
      else if (character === quote) quote = "";
    } else if (character === "'" || character === '"') quote = character;
    else if (character === "{" || character === "[") depth++;
    else if (character === "}" || character === "]") depth--;
    else if (character === "," && depth <= 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}
