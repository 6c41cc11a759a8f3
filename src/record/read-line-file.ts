import { gunzipSync } from "node:zlib";
import { FailureError, messageOf, printable, UsageError } from "../core/errors.ts";
import { readWhole } from "../files/readable-file.ts";
import type { AnyLine, LineKind } from "./line-kind.ts";

/** A file of lines as it was read. */
export interface ReadLines<Line extends AnyLine, Head extends Line["type"]> {
  readonly head: Extract<Line, { type: Head }>;
  /** The other lines, in order. */
  readonly lines: readonly Exclude<Line, { type: Head }>[];
  /** Bytes up to the end of the last whole line. */
  readonly validBytes: number;
  /** Whether the file ends within a line, as after a kill or on a full disk. */
  readonly truncated: boolean;
}

/** The most that a packed file may hold: far more than any that was written, and what a machine can bear. */
const MOST_BYTES = 2 ** 30;

/** Reads and validates a file of lines, packed where its name ends in .gz. A last line that was cut off is left out; anything else wrong is refused by line. */
export function readLineFile<Line extends AnyLine, Head extends Line["type"]>(
  kind: LineKind<Line>,
  head: Head,
  path: string,
): ReadLines<Line, Head> {
  const content = path.endsWith(".gz") ? unpacked(kind, path) : readWhole(path);
  const lines: Line[] = [];
  let validBytes = 0;
  for (let number = 1; validBytes < content.length; number++) {
    const newline = content.indexOf(0x0a, validBytes);
    if (newline === -1) break;
    const text = content.toString("utf8", validBytes, newline);
    if (text.trim() !== "") lines.push(parseLine(kind, path, number, text));
    validBytes = newline + 1;
  }
  const [first, ...rest] = lines;
  if (first === undefined) {
    throw new FailureError(
      `${kind.name}: ${printable(path)} must hold a whole line, got ${content.length} bytes without one; ${kind.advice}`,
    );
  }
  if (!isHead(first, head)) {
    throw new FailureError(
      `${kind.name}: ${printable(path)} line 1 must be of type ${head}, got ${first.type}; ${kind.advice}`,
    );
  }
  const others = rest.map((line, index) => {
    if (isOther(line, head)) return line;
    throw new FailureError(
      `${kind.name}: ${printable(path)} line ${index + 2}: a file must hold one ${head}, got a second; take the line out`,
    );
  });
  return { head: first, lines: others, validBytes, truncated: validBytes < content.length };
}

function unpacked<Line extends AnyLine>(kind: LineKind<Line>, path: string): Buffer {
  try {
    return gunzipSync(readWhole(path), { maxOutputLength: MOST_BYTES });
  } catch (thrown) {
    if (thrown instanceof FailureError || thrown instanceof UsageError) throw thrown;
    throw new FailureError(
      `${kind.name}: ${printable(path)} must be packed by gzip and hold at most ${MOST_BYTES} bytes, got ${messageOf(thrown)}; ${kind.advice}`,
    );
  }
}

function isHead<Line extends AnyLine, Head extends string>(
  line: Line,
  head: Head,
): line is Extract<Line, { type: Head }> {
  return line.type === head;
}

function isOther<Line extends AnyLine, Head extends string>(
  line: Line,
  head: Head,
): line is Exclude<Line, { type: Head }> {
  return line.type !== head;
}

function parseLine<Line extends AnyLine>(
  kind: LineKind<Line>,
  path: string,
  number: number,
  text: string,
): Line {
  const where = `${kind.name}: ${printable(path)} line ${number}`;
  // A file that is wrong from its first line was never one of results; a later line can be taken out of one.
  const advice = number === 1 ? kind.advice : "restore the line, or take it out";
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new FailureError(`${where} must be JSON, got ${printable(text, 40)}; ${advice}`);
  }
  const schema = valueAt(value, ["schema"]);
  if (number === 1 && schema !== undefined && schema !== kind.version) {
    throw new FailureError(
      `${where}: the schema must be ${kind.version}, got ${told(schema)}; use the version of attnbench that wrote it`,
    );
  }
  const parsed = kind.schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue.path.length > 0 ? `${printable(issue.path.join("."), 80)}: ` : "";
  const got = told(valueAt(value, issue.path));
  throw new FailureError(
    `${where}: ${field}${printable(issue.message.replace(/, received \w+$/, ""))}, got ${got}; ${advice}`,
  );
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
