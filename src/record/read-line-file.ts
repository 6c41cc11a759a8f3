import { gunzipSync } from "node:zlib";
import { FailureError, messageOf, printable } from "../core/errors.ts";
import { isStream, readWhole, shownName } from "../files/read-whole.ts";
import { recodeAdvice, textEncoding } from "../files/text-encoding.ts";
import type { AnyLine, LineKind } from "./line-kind.ts";
import { otherFile } from "./other-file.ts";
import { schemaRule } from "./schema-rule.ts";

/** A file of lines as it was read. */
export interface ReadLines<Line extends AnyLine, Head extends Line["type"]> {
  readonly head: Extract<Line, { type: Head }>;
  /** The other lines, in order. */
  readonly lines: readonly Exclude<Line, { type: Head }>[];
  /** Bytes up to the end of the last complete line. */
  readonly validBytes: number;
  /** Whether the file ends within a line, as after a kill or on a full disk. */
  readonly truncated: boolean;
}

/**
 * The most that a packed file may hold: far more than any that was written, and within what a machine can
 * bear.
 */
const MOST_BYTES = 2 ** 30;

/**
 * Reads and validates a file of lines, compressed if its name ends in .gz or a pipe delivers it so. A last
 * line that was cut off is ignored, one that lacks only its newline counts; any other fault is refused,
 * naming the line.
 */
export function readLineFile<Line extends AnyLine, Head extends Line["type"]>(
  kind: LineKind<Line>,
  head: Head,
  path: string,
): ReadLines<Line, Head> {
  return parseLineFile(kind, head, path, contentOf(kind, path));
}

/** The same for the content of a file. */
export function parseLineFile<Line extends AnyLine, Head extends Line["type"]>(
  kind: LineKind<Line>,
  head: Head,
  path: string,
  content: Buffer,
): ReadLines<Line, Head> {
  const name = printable(shownName(path));
  const encoding = textEncoding(content);
  if ("foreign" in encoding)
    throw new FailureError(`${kind.name}: ${name} ${recodeAdvice(encoding.foreign)}`);
  const lines: Line[] = [];
  let validBytes = encoding.markBytes;
  let truncated = false;
  for (let number = 1; validBytes < content.length; number++) {
    const newline = content.indexOf(0x0a, validBytes);
    const end = newline === -1 ? content.length : newline;
    const text = content.toString("utf8", validBytes, end);
    if (newline === -1 && !isWholeLine(text)) {
      truncated = text.trim() !== "";
      break;
    }
    if (text.trim() !== "") lines.push(parseLine(kind, path, number, text));
    validBytes = Math.min(end + 1, content.length);
  }
  const [first, ...rest] = lines;
  if (first === undefined) {
    throw new FailureError(
      `${kind.name}: ${name} must hold a whole line, got ${content.length} bytes without one; ${kind.advice}`,
    );
  }
  if (!isHead(first, head)) {
    throw new FailureError(
      `${kind.name}: ${name} line 1 must be of type ${head}, got ${first.type}; ${kind.advice}`,
    );
  }
  const others = rest.map((line, index) => {
    if (isOther(line, head)) return line;
    throw new FailureError(
      `${kind.name}: ${name} line ${index + 2}: a file must hold one ${head}, got a second; split the file there, each with the lines that follow its ${head}`,
    );
  });
  return { head: first, lines: others, validBytes, truncated };
}

/** A closed object cannot have been cut off: only the newline is missing, as some editors omit it. */
function isWholeLine(text: string): boolean {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}

function contentOf<Line extends AnyLine>(kind: LineKind<Line>, path: string): Buffer {
  const content = readWhole(path);
  // A stream has no name to show it is compressed; no text begins like this.
  const begins = content[0] === 0x1f && content[1] === 0x8b;
  if (!path.endsWith(".gz") && !(begins && isStream(path))) return content;
  try {
    return gunzipSync(content, { maxOutputLength: MOST_BYTES });
  } catch (thrown) {
    throw new FailureError(
      `${kind.name}: ${printable(shownName(path))} must be compressed with gzip and hold at most ${MOST_BYTES} bytes, got ${messageOf(thrown)}; ${kind.advice}`,
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
  const where = `${kind.name}: ${printable(shownName(path))} line ${number}`;
  // A file that is wrong from its first line was never a results file; a later line can be removed.
  const advice = number === 1 ? kind.advice : "restore the line, or remove it";
  const other = number === 1 ? otherFile(path, text, kind.head) : null;
  if (other !== null) throw new FailureError(`${where}: the file ${other}; ${advice}`);
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
  throw new FailureError(`${where}: ${field}${schemaRule(issue)}, got ${got}; ${advice}`);
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
