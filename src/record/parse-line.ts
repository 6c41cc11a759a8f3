import { FailureError, printable } from "../core/errors.ts";
import { shownName } from "../files/read-whole.ts";
import type { AnyLine, LineKind } from "./line-kind.ts";
import { otherFile } from "./other-file.ts";
import { schemaRule } from "./schema-rule.ts";
import { valueAt } from "./value-at.ts";

/** What of a kind of files its lines are parsed by. */
export type ParsedKind<Line extends AnyLine> = Omit<LineKind<Line>, "label" | "secondHead">;

/** The line that a text holds. Refuses any other, naming the line and what is wrong with it. */
export function parseLine<Line extends AnyLine>(
  kind: ParsedKind<Line>,
  path: string,
  number: number,
  text: string,
): Line {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw notJson(kind, path, number, text);
  }
  const quick = number === 1 ? null : (kind.quick?.(value) ?? null);
  if (quick !== null) return quick;
  const schema = valueAt(value, ["schema"]);
  if (number === 1) refuseOtherFile(kind, path, text);
  if (number === 1 && schema !== undefined && schema !== kind.version) {
    throw new FailureError(
      `${whereOf(kind, path, number)}: the schema must be ${kind.version}, got ${told(schema)}; use the version of attnbench that wrote it`,
    );
  }
  const parsed = kind.schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue.path.length > 0 ? `${printable(issue.path.join("."), 80)}: ` : "";
  const got = told(valueAt(value, issue.path));
  throw new FailureError(
    `${whereOf(kind, path, number)}: ${field}${schemaRule(issue)}, got ${got}; ${adviceFor(kind, number)}`,
  );
}

function notJson<Line extends AnyLine>(
  kind: ParsedKind<Line>,
  path: string,
  number: number,
  text: string,
): FailureError {
  if (number === 1) refuseOtherFile(kind, path, text);
  return new FailureError(
    `${whereOf(kind, path, number)} must be JSON, got ${printable(text, 40)}; ${adviceFor(kind, number)}`,
  );
}

function refuseOtherFile<Line extends AnyLine>(kind: ParsedKind<Line>, path: string, text: string): void {
  const other = otherFile(path, text, kind.head);
  if (other === null) return;
  throw new FailureError(`${whereOf(kind, path, 1)}: the file ${other}; ${kind.advice}`);
}

function whereOf<Line extends AnyLine>(kind: ParsedKind<Line>, path: string, number: number): string {
  return `${kind.name}: ${printable(shownName(path))} line ${number}`;
}

/** A file that is wrong from its first line was never a results file; a later line can be removed. */
function adviceFor<Line extends AnyLine>(kind: ParsedKind<Line>, number: number): string {
  return number === 1 ? kind.advice : "restore the line, or remove it";
}

function told(value: unknown): string {
  return printable(JSON.stringify(value) ?? "nothing", 60);
}
