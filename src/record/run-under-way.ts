import { FailureError, messageOf, printable } from "../core/errors.ts";
import { formatShape } from "../core/shape.ts";
import { isLearned, type Learned, learnedIn } from "./learned.ts";
import { alignmentField, inputShapeOf, operationOf } from "./schema/case-task.ts";
import { CASE_FIELDS } from "./schema/identity.ts";
import type { StudyLine, TrainedLine } from "./schema/learning-lines.ts";
import type {
  CaseLine,
  FileLine,
  PlannedCase,
  ResultLine,
  RoundLine,
  RunLine,
} from "./schema/result-lines.ts";

/** A line of a run other than its first. */
export type InnerLine = Exclude<ResultLine, RunLine>;

/**
 * The error that refuses what stands at a place, such as the line of a number in its file: the rule that it breaks, and what to
 * do, if that is anything but to remove it.
 */
export type Refusal<Place> = (place: Place, rule: string, advice?: string) => FailureError;

/** Refuses lines of a file by their numbers. */
export function refusalIn(path: string): Refusal<number> {
  return (number, rule, advice = "remove the line") =>
    new FailureError(`results: ${printable(path)} line ${number}: ${rule}; ${advice}`);
}

/** The lines of a run as far as they have been read. */
export interface RunUnderWay<Place> {
  /** Adds a line, unless it does not belong to the run: then it is refused by its place. */
  take(line: Exclude<FileLine, RunLine>, place: Place): void;
  end(): RunLines;
}

/** A run as a whole. */
export interface RunLines {
  readonly run: RunLine;
  /** Case and round lines, in order. */
  readonly lines: readonly InnerLine[];
  /** What variants learned; null if the file says nothing of that. */
  readonly learned: Learned | null;
}

/**
 * Begins a run with its first line, at this place. Cases must be planned, and be what was planned; rounds must
 * also be planned and name a case introduced by an earlier line; and a round of a case must appear once.
 */
export function runUnderWay<Place>(refuse: Refusal<Place>, run: RunLine, place: Place): RunUnderWay<Place> {
  refuseImpossible(refuse, run, place);
  const planned = new Map(run.plan.cases.map((one) => [one.case, one]));
  /** The rounds of each case so far. */
  const rounds = new Map<string, Set<number>>();
  const lines: InnerLine[] = [];
  const ofLearning: { readonly line: StudyLine | TrainedLine; readonly place: Place }[] = [];

  const takeCase = (line: CaseLine, at: Place) => {
    const one = planned.get(line.case);
    if (one === undefined) throw refuse(at, `a case must be one of the plan, got ${nameOf(line)}`);
    const other = CASE_FIELDS.find((field) => !isAlike(line[field], one[field]));
    if (other !== undefined) {
      throw refuse(at, `${other} of a case must be as planned, got another of ${nameOf(line)}`);
    }
    if (line.alignment !== one.alignment) {
      throw refuse(at, `alignment of a case must be as planned, got another of ${nameOf(line)}`);
    }
    if (!rounds.has(line.case)) rounds.set(line.case, new Set());
  };
  const takeRound = (line: RoundLine, at: Place) => {
    const known = rounds.get(line.case);
    if (known === undefined) throw refuse(at, `a round must name a case above it, got ${nameOf(line)}`);
    if (!(line.round < run.plan.rounds)) {
      throw refuse(at, `a round must be under the ${run.plan.rounds} planned, got ${line.round}`);
    }
    if (known.has(line.round)) {
      throw refuse(
        at,
        `a round of a case must appear once, got round ${line.round} of ${nameOf(line)} again`,
      );
    }
    known.add(line.round);
  };

  return {
    take(line, at) {
      if (isLearned(line)) {
        ofLearning.push({ line, place: at });
        return;
      }
      if (line.type === "case") takeCase(line, at);
      else takeRound(line, at);
      lines.push(line);
    },
    end: () => ({ run, lines, learned: learnedIn(refuse, ofLearning) }),
  };
}

function nameOf(line: InnerLine): string {
  return `'${printable(line.case, 80)}'`;
}

/** Whether a line and the plan hold the same in a field. */
function isAlike(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

/** Refuses a plan with a case whose shape cannot be, though each of its fields may. */
function refuseImpossible<Place>(refuse: Refusal<Place>, { plan }: RunLine, place: Place): void {
  for (const one of plan.cases) {
    const wrong = wrongShape(one);
    if (wrong === null) continue;
    throw refuse(place, `case '${printable(one.case, 80)}': ${wrong}`, "no run plans such a case");
  }
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
