import { FailureError, printable } from "../core/errors.ts";
import { type ResultLine, type RunLine, resultLine, SCHEMA_VERSION } from "../core/result-lines.ts";
import { readWhole } from "../files/readable-file.ts";
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
  const content = readWhole(path);
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
      `results: ${printable(path)} must hold a whole line, got ${content.length} bytes without one; ${WRITTEN_BY_RUN}`,
    );
  }
  if (run.type !== "run") {
    throw new FailureError(
      `results: ${printable(path)} line 1 must be of type run, got ${run.type}; ${WRITTEN_BY_RUN}`,
    );
  }
  checkReferences(path, run, rest);
  return { run, lines: rest, validBytes, truncated: validBytes < content.length };
}

/** Reads a results file as its readers want it: one row a case. */
export function readResults(path: string, name: string): Results & { truncated: boolean } {
  const { run, lines, truncated } = readLines(path);
  return { ...summarize(name, run, lines), truncated };
}

const WRITTEN_BY_RUN = "give a file that attnbench run wrote";

function parseLine(path: string, number: number, text: string): ResultLine {
  const where = `results: ${printable(path)} line ${number}`;
  // A file that is wrong from its first line was never one of results; a later line can be taken out of one.
  const advice = number === 1 ? WRITTEN_BY_RUN : "restore the line, or take it out";
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new FailureError(`${where} must be JSON, got ${printable(text, 40)}; ${advice}`);
  }
  const schema = valueAt(value, ["schema"]);
  if (number === 1 && schema !== undefined && schema !== SCHEMA_VERSION) {
    throw new FailureError(
      `${where}: the schema must be ${SCHEMA_VERSION}, got ${told(schema)}; use the version of attnbench that wrote it`,
    );
  }
  const parsed = resultLine.safeParse(value);
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

/**
 * Cases must be planned; rounds must be planned too and name a case that a line before them introduced; and a round of a
 * case stands once.
 */
function checkReferences(path: string, { plan }: RunLine, lines: readonly ResultLine[]): void {
  const planned = new Set(plan.cases.map((one) => one.case));
  const cases = new Set<string>();
  const rounds = new Set<string>();
  for (const [index, line] of lines.entries()) {
    const refuse = (rule: string): FailureError =>
      new FailureError(`results: ${printable(path)} line ${index + 2}: ${rule}; take the line out`);
    if (line.type === "run") throw refuse("a file must hold one run, got a second");
    const name = `'${printable(line.case, 80)}'`;
    if (line.type === "case") {
      if (!planned.has(line.case)) throw refuse(`a case must be one of the plan, got ${name}`);
      cases.add(line.case);
      continue;
    }
    if (!cases.has(line.case)) throw refuse(`a round must name a case above it, got ${name}`);
    if (!(line.round < plan.rounds)) {
      throw refuse(`a round must be under the ${plan.rounds} planned, got ${line.round}`);
    }
    const key = JSON.stringify([line.case, line.round]);
    if (rounds.has(key))
      throw refuse(`a round of a case must stand once, got round ${line.round} of ${name} again`);
    rounds.add(key);
  }
}
