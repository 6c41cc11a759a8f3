/**
 * The two ways a command ends early. A message is one line: `where: rule, got value; what to do`.
 * The command line prints only the message; `--debug` adds the stack.
 */

/** Wrong usage: an option, parameter or input that makes no sense. Exit code 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

/**
 * The request was valid but could not be carried out: a file, a disk, a kernel, a failed verification. Exit
 * code 1.
 */
export class FailureError extends Error {
  override name = "FailureError";
}

/**
 * Makes a string from outside safe to print: control characters (terminal escapes, line breaks, bidirectional
 * overrides) become `\u{…}`, and anything longer than `limit` characters is truncated.
 */
export function printable(text: string, limit = 200): string {
  const safe = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
  return safe.length > limit ? `${safe.slice(0, limit).toWellFormed()}…` : safe;
}

/**
 * The error for an unknown name: says what was named and lists what is known, of very many those most like it.
 */
export function unknownName(kind: string, name: string, known: readonly string[]): UsageError {
  return new UsageError(`unknown ${kind} '${printable(name)}'; expected one of ${listed(name, known)}`);
}

/** Characters of a list that still is a line to read. */
const MOST_LISTED = 440;
/** Names of a longer list that are told. */
const MOST_ALIKE = 12;

function listed(name: string, known: readonly string[]): string {
  const all = known.join(", ");
  if (all.length <= MOST_LISTED) return all;
  return `${mostAlike(name, known).slice(0, MOST_ALIKE).join(", ")} and ${known.length - MOST_ALIKE} more`;
}

/** Names that are known, those first that are most like one that is not. */
export function mostAlike(name: string, known: readonly string[]): readonly string[] {
  const asked = name.slice(0, 40).toLowerCase();
  const alike = known.map((one) => ({ one, edits: edits(asked, one.toLowerCase()) }));
  return alike.sort((a, b) => a.edits - b.edits).map(({ one }) => one);
}

/** Letters to insert, omit or replace to make one text of the other: Levenshtein's distance. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      next.push(Math.min(row[j] + (a[i] === b[j] ? 0 : 1), row[j + 1] + 1, next[j] + 1));
    }
    row = next;
  }
  return row[b.length];
}

/**
 * Any value as text, even one without a string form of its own, such as an object with a broken `toString`.
 */
export function textOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  try {
    return JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? `${part}` : part));
  } catch {
    return "an object"; // one that contains itself, or whose getters throw
  }
}

/** The message of anything thrown, on one line. */
export function messageOf(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : textOf(thrown);
  return printable(message.split("\n")[0] ?? "", 2000);
}
