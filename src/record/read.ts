import { readFileSync } from "node:fs";
import { FailureError, messageOf, printable } from "../core/errors.ts";
import { type ResultLine, type RunLine, resultLine, SCHEMA_VERSION } from "../core/result-lines.ts";
import { type Results, summarize } from "./case-row.ts";

/** A results file as it was read. */
export interface ReadResults {
  readonly run: RunLine;
  /** Case and round lines, in order. */
  readonly lines: readonly ResultLine[];
  /** Bytes up to the end of the last whole line. */
  readonly validBytes: number;
  /** Whether the file ends within a line, as after a kill or on a full disk. */
  readonly truncated: boolean;
}

/** Reads and validates a results file. A last line that was cut off is left out; anything else wrong is refused by line. */
export function readLines(path: string): ReadResults {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (thrown) {
    throw new FailureError(`results: cannot read ${printable(path)}, ${messageOf(thrown)}`);
  }
  const lines: ResultLine[] = [];
  let validBytes = 0;
  for (let number = 1; validBytes < content.length; number++) {
    const newline = content.indexOf(0x0a, validBytes);
    if (newline === -1) break;
    const text = content.toString("utf8", validBytes, newline);
    if (text.trim() !== "") lines.push(parseLine(path, number, text));
    validBytes = newline + 1;
  }
  const [run, ...rest] = lines;
  if (run === undefined) {
    throw new FailureError(
      `results: ${printable(path)} holds no whole line, got ${content.length} bytes; give a file that attnbench run wrote`,
    );
  }
  if (run.type !== "run") {
    throw new FailureError(
      `results: ${printable(path)} line 1 must be of type run, got ${run.type}; give a file that attnbench run wrote`,
    );
  }
  checkReferences(path, rest);
  return { run, lines: rest, validBytes, truncated: validBytes < content.length };
}

/** Reads a results file as its readers want it: one row a case. */
export function readResults(path: string, name: string): Results & { truncated: boolean } {
  const { run, lines, truncated } = readLines(path);
  return { ...summarize(name, run, lines), truncated };
}

function parseLine(path: string, number: number, text: string): ResultLine {
  const where = `results: ${printable(path)} line ${number}`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new FailureError(`${where} must be JSON, got ${printable(text, 40)}`);
  }
  const schema = (value as { schema?: unknown } | null)?.schema;
  if (number === 1 && typeof schema === "number" && schema !== SCHEMA_VERSION) {
    throw new FailureError(
      `${where}: the schema must be ${SCHEMA_VERSION}, got ${schema}; use the version of attnbench that wrote it`,
    );
  }
  const parsed = resultLine.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue.path.length > 0 ? `${printable(issue.path.join("."), 80)}: ` : "";
  throw new FailureError(`${where}: ${field}${printable(issue.message)}`);
}

/** Rounds must name a case that a line before them introduced, and a round of a case stands once. */
function checkReferences(path: string, lines: readonly ResultLine[]): void {
  const cases = new Set<string>();
  const rounds = new Set<string>();
  for (const [index, line] of lines.entries()) {
    const where = `results: ${printable(path)} line ${index + 2}`;
    if (line.type === "run") throw new FailureError(`${where}: a file holds one run, got a second`);
    if (line.type === "case") cases.add(line.case);
    if (line.type !== "round") continue;
    if (!cases.has(line.case)) {
      throw new FailureError(
        `${where}: a round must name a case above it, got '${printable(line.case, 80)}'`,
      );
    }
    const key = JSON.stringify([line.case, line.round]);
    if (rounds.has(key)) {
      throw new FailureError(
        `${where}: round ${line.round} of '${printable(line.case, 80)}' is there already`,
      );
    }
    rounds.add(key);
  }
}
