import { FailureError, messageOf, printable } from "../core/errors.ts";
import { formatShape } from "../core/shape.ts";
import { type Results, summarize } from "./case-row.ts";
import { isLearned, type Learned, learnedIn } from "./learned.ts";
import { RESULTS } from "./line-kind.ts";
import { parseLineFile, type ReadLines, readLineFile } from "./read-line-file.ts";
import { alignmentField, inputShapeOf, operationOf } from "./schema/case-task.ts";
import { CASE_FIELDS } from "./schema/identity.ts";
import type { FileLine, PlannedCase, ResultLine, RunLine } from "./schema/result-lines.ts";

/** A line of a run other than its first. */
type InnerLine = Exclude<ResultLine, RunLine>;

/** A results file as it was read. */
export interface ReadResults {
  readonly run: RunLine;
  /** Case and round lines, in order. */
  readonly lines: readonly InnerLine[];
  /** What variants learned; null if the file says nothing of that. */
  readonly learned: Learned | null;
  /** Bytes up to the end of the last complete line. */
  readonly validBytes: number;
  /** Whether the file ends within a line, as after a kill or on a full disk. */
  readonly truncated: boolean;
}

/** Reads and validates a results file. */
export function readLines(path: string): ReadResults {
  return checked(path, readLineFile(RESULTS, "run", path));
}

/** The same for the content of one, with a name for messages. */
export function parseLines(name: string, content: Buffer): ReadResults {
  return checked(name, parseLineFile(RESULTS, "run", name, content));
}

function checked(path: string, { head: run, lines, ...read }: ReadLines<FileLine, "run">): ReadResults {
  const numbered = lines.map((line, index) => ({ line, number: index + 2 }));
  const inner = numbered.flatMap(({ line, number }) => (isLearned(line) ? [] : [{ line, number }]));
  const ofLearning = numbered.flatMap(({ line, number }) => (isLearned(line) ? [{ line, number }] : []));
  checkReferences(path, run, inner);
  const learned = learnedIn(path, ofLearning);
  return { run, lines: inner.map(({ line }) => line), learned, ...read };
}

/** Reads a results file as its readers want it: one row per case. */
export function readResults(path: string, name: string): Results & { truncated: boolean } {
  const { run, lines, learned, truncated } = readLines(path);
  return { ...summarize(name, run, lines), ...(learned !== null && { learned }), truncated };
}

/** What is wrong with the shape of a case that each of its fields allows; null if nothing is. */
function wrongShape(one: PlannedCase): string | null {
  try {
    const shape = inputShapeOf(one);
    if (operationOf(one).unit === "step" && one.queries !== undefined) {
      return "queries must be omitted where tokens are taken in one by one";
    }
    const { alignment } = alignmentField(one);
    if (one.alignment === undefined || one.alignment === alignment) return null;
    return `alignment must be omitted unless a causal case has other queries than keys, got ${formatShape(shape)}`;
  } catch (thrown) {
    return messageOf(thrown).replace(/; ask for .*$/, "");
  }
}

/**
 * Cases must be planned, and be what was planned; rounds must also be planned and name a case introduced by
 * an earlier line; and a round of a case must appear once.
 */
function checkReferences(
  path: string,
  { plan }: RunLine,
  lines: readonly { readonly line: InnerLine; readonly number: number }[],
): void {
  for (const one of plan.cases) {
    const wrong = wrongShape(one);
    if (wrong === null) continue;
    throw new FailureError(
      `results: ${printable(path)} line 1: case '${printable(one.case, 80)}': ${wrong}; no run plans such a case`,
    );
  }
  const planned = new Map(plan.cases.map((one) => [one.case, one]));
  const cases = new Set<string>();
  const rounds = new Set<string>();
  for (const { line, number } of lines) {
    const refuse = (rule: string): FailureError =>
      new FailureError(`results: ${printable(path)} line ${number}: ${rule}; remove the line`);
    const name = `'${printable(line.case, 80)}'`;
    if (line.type === "case") {
      const one = planned.get(line.case);
      if (one === undefined) throw refuse(`a case must be one of the plan, got ${name}`);
      const other = CASE_FIELDS.find((field) => JSON.stringify(line[field]) !== JSON.stringify(one[field]));
      if (other !== undefined) throw refuse(`${other} of a case must be as planned, got another of ${name}`);
      if (line.alignment !== one.alignment) {
        throw refuse(`alignment of a case must be as planned, got another of ${name}`);
      }
      cases.add(line.case);
      continue;
    }
    if (!cases.has(line.case)) throw refuse(`a round must name a case above it, got ${name}`);
    if (!(line.round < plan.rounds)) {
      throw refuse(`a round must be under the ${plan.rounds} planned, got ${line.round}`);
    }
    const key = JSON.stringify([line.case, line.round]);
    if (rounds.has(key))
      throw refuse(`a round of a case must appear once, got round ${line.round} of ${name} again`);
    rounds.add(key);
  }
}
