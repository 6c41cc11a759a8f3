import { FailureError, printable } from "../core/errors.ts";
import { otherFile } from "../record/other-file.ts";
import { schemaRule } from "../record/schema-rule.ts";
import type { StoredEntry } from "./entry.ts";
import { entryOf, idOf } from "./entry-line.ts";
import { HISTORY_SCHEMA_VERSION, type HistoryLine, historyLine } from "./schema.ts";
import { type LinesEnd, type TextLine, textLines } from "./text-lines.ts";

/** What a file that is none is told to be. */
const ADVICE = "give a file that attnbench history add wrote";

/**
 * Passes the entries of a file to `hear`, each once, in the order of their lines, of which no more than one is in memory.
 * Refuses any line that is no entry, naming it, but for a last one that was cut off.
 */
export function readEntries(path: string, hear: (entry: StoredEntry) => void): LinesEnd {
  const seen = new Set<string>();
  let heads = 0;
  const end = textLines(path, (text) => {
    const line = parsed(path, text);
    if (line.type === "history") {
      heads++;
      return;
    }
    const entry = entryOf(line);
    const id = idOf(entry);
    if (id !== entry.id) {
      throw refused(path, text, `id must be ${id}, which its content has, got ${entry.id}; ${RESTORE}`);
    }
    if (seen.has(id)) return;
    seen.add(id);
    hear(entry);
  });
  if (heads > 0 || end.bytes === 0) return end;
  throw new FailureError(
    `history: ${printable(path)} must hold the line {"type":"history","schema":${HISTORY_SCHEMA_VERSION}}, got none; ${end.truncated ? ADVICE : "add it"}`,
  );
}

const RESTORE = "restore the line, or remove it";

function parsed(path: string, line: TextLine): HistoryLine {
  const { text, number } = line;
  if (CONFLICT.test(text)) {
    throw refused(
      path,
      line,
      "must be an entry, got a mark of a conflict of git; remove the lines that begin with <<<<<<<, ======= and >>>>>>> and keep all others, and add 'history.jsonl merge=union' to .gitattributes",
    );
  }
  const other = number === 1 ? otherFile(path, text, "history") : null;
  if (other !== null) throw refused(path, line, `the file ${other}; ${ADVICE}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refused(path, line, `must be JSON, got ${printable(text, 40)}; ${number === 1 ? ADVICE : RESTORE}`);
  }
  const schema = valueAt(value, ["schema"]);
  if (schema !== undefined && schema !== HISTORY_SCHEMA_VERSION) {
    const rule = `the schema must be ${HISTORY_SCHEMA_VERSION}, got ${told(schema)}`;
    throw refused(path, line, `${rule}; use the version of attnbench that wrote it`);
  }
  const checked = historyLine.safeParse(value);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const field = issue.path.length > 0 ? `${printable(issue.path.join("."), 80)}: ` : "";
  const got = told(valueAt(value, issue.path));
  throw refused(path, line, `${field}${schemaRule(issue)}, got ${got}; ${number === 1 ? ADVICE : RESTORE}`);
}

/** What git leaves in a file that two branches changed, unless it is told to keep the lines of both. */
const CONFLICT = /^(<{7}|={7}|>{7}|\|{7})(\s|$)/;

function refused(path: string, { number }: TextLine, what: string): FailureError {
  return new FailureError(`history: ${printable(path)} line ${number}: ${what}`);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null && Object.hasOwn(inner, key)
        ? Reflect.get(inner, key)
        : undefined,
    value,
  );
}

function told(value: unknown): string {
  return printable(JSON.stringify(value) ?? "nothing", 60);
}
