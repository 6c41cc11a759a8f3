import { printable } from "../core/errors.ts";

/** The command that measures the cases of a results file again, as one types it into a shell beside the file. */
export function replayCommand(name: string): string {
  const file = name.endsWith(".jsonl") ? name : `${name}.jsonl`;
  // A dash in front would make it an option.
  return `attnbench run --replay ${shellQuoted(file.startsWith("-") ? `./${file}` : file)}`;
}

/** A word of a POSIX shell that means the text and nothing else. What cannot be printed is spelled out. */
export function shellQuoted(text: string): string {
  const safe = printable(text, 400);
  return /^[\w@%+=:,./-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", `'\\''`)}'`;
}
