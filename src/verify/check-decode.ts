import { awaited, type Coroutine, carryOut } from "../core/coroutine.ts";
import { messageOf } from "../core/errors.ts";
import { elementCount } from "../core/shape.ts";
import type { Variant } from "../core/variant.ts";
import type { Stepper } from "../kernels/stepper.ts";
import { type JudgedProblem, weightsOf } from "../mechanisms/judged.ts";
import { problemOf } from "../mechanisms/laws/law.ts";
import { type Placed, placeRemark } from "./call-green-again.ts";
import { lengthened, whileTurned } from "./changed-inputs.ts";
import type { Check, CheckContext } from "./check.ts";
import { type Checked, gateSubjects, isCalledAgain, lawSubjects, type Takes } from "./check-subjects.ts";
import { wrongStateClaims } from "./claims.ts";
import { decodeSequence } from "./decode-sequence.ts";
import { discard } from "./discard.ts";
import { expectation } from "./expectation.ts";
import { watchInputs } from "./guarded-run.ts";
import { handedOutTask } from "./handed-out.ts";
import { wrongStateCounts } from "./prepare-decode.ts";
import { promiseFault } from "./promise-fault.ts";
import { gateRows } from "./rows.ts";
import { stepAgain } from "./step-again.ts";
import { type StepChoices, stepChoices } from "./step-choices.ts";
import { type Stepped, stepped } from "./stepped.ts";
import type { ThreadsSeen } from "./threads-seen.ts";
import { tokenRows } from "./token-rows.ts";

/**
 * What is checked of a stepper: rows of whole sequences over awkward shapes, and what its interface promises.
 */
export function decodeChecks(context: CheckContext, seen: ThreadsSeen): readonly Check[] {
  const causal = [true];
  const onLaws = (variant: Variant, takes: Takes) => lawSubjects(variant, takes, context, causal);
  const one = (
    title: string,
    check: (open: Opened) => Coroutine<string | null>,
    subjects = onLaws,
  ): Check => ({
    title,
    applies: () => true,
    check: (subject) => carryOut(opened(subject, check, context.patience_s)),
    subjects,
  });
  return [
    {
      ...one(
        "gate",
        (open) => wholeSequence(open, seen),
        (variant, takes) => gateSubjects(variant, takes, context, causal),
      ),
      remark: ({ id }) => seen.remark(id),
    },
    one("a prefill, whatever its length, leads where steps lead", prefillThenSteps),
    one("a reset forgets every token", resets),
    one("a token past the capacity is refused", refusesMore),
    one("bytes of state are whole numbers", countsState),
  ];
}

/** A stepper prepared for a subject, and what is expected of its outputs. */
interface Opened extends Stepped {
  readonly kernel: Placed;
  readonly problem: JudgedProblem;
  /** What the steps of the sequence chose. */
  readonly choices: StepChoices;
  /** What is wrong with a whole output, or null. */
  compare(output: Float32Array): string | null;
}

function* opened(
  subject: Checked,
  check: (open: Opened) => Coroutine<string | null>,
  patience_s?: number,
): Coroutine<string | null> {
  const { kernel, seed } = subject;
  const problem = problemOf(subject);
  const { inputs, ...task } = problem;
  if (kernel.decode === undefined) return "it does not decode";
  const stepper = yield* awaited(kernel.decode.prepare(handedOutTask(task), weightsOf(problem)));
  try {
    const changed = watchInputs(inputs);
    const expected = expectation(problem, problem.kind.oracle(problem), gateRows(problem.shape, seed), seed);
    const choices = stepChoices(task, stepper);
    const compare = (output: Float32Array) => expected.compare(output, choices.handed()).failure;
    const failure = yield* check({ ...stepped(stepper, patience_s), kernel, problem, choices, compare });
    const name = changed();
    return name === null ? failure : `the stepper changed its input ${name}`;
  } finally {
    discard(stepper);
  }
}

function* wholeSequence(open: Opened, seen: ThreadsSeen): Coroutine<string | null> {
  const { problem, choices, compare, isWaitedFor, kernel } = open;
  const output = emptyOutput(problem);
  const wrong = (yield* decodeSequence(open, problem, output, [], choices)) ?? compare(output);
  if (isWaitedFor) seen.tell([placeRemark(kernel)]);
  if (wrong !== null || !isCalledAgain(problem.shape)) return wrong;
  const again = stepAgain(problem, open);
  seen.add(again.threadsSeen);
  return again.fault;
}

function* prefillThenSteps(open: Opened): Coroutine<string | null> {
  const { problem, choices, compare } = open;
  const { length } = problem.shape;
  const output = emptyOutput(problem);
  const misstep = yield* decodeSequence(open, problem, output, [], choices);
  if (misstep !== null) return misstep;
  const once = [...new Set([1, length >> 2, length >> 1, length - 2, length - 1])].map((tokens) => [tokens]);
  const several = [
    [length >> 2, length >> 2],
    [1, 1, length >> 1],
  ];
  for (const prefills of [...once, ...several]) {
    const all = prefills.reduce((sum, tokens) => sum + tokens, 0);
    if (!(Math.min(...prefills) >= 1 && all < length)) continue;
    const after = output.slice();
    const wrong =
      (yield* takeOthers(open, problem)) ??
      (yield* decodeSequence(open, problem, after, prefills, choices)) ??
      compare(after);
    if (wrong !== null) return `after prefills of ${prefills.join(", ")} tokens: ${wrong}`;
  }
  return null;
}

/** Takes in a sequence of other numbers, so that anything a prefill skips is not left over from before. */
function takeOthers(
  open: Opened,
  problem: JudgedProblem,
  prefills?: readonly number[],
): Coroutine<string | null> {
  const sequence = () => carryOut(decodeSequence(open, problem, emptyOutput(problem), prefills));
  return awaited(whileTurned(problem, sequence));
}

function* resets(open: Opened): Coroutine<string | null> {
  const { problem, choices, compare } = open;
  const misstep = yield* takeOthers(open, problem, [problem.shape.length >> 1]);
  if (misstep !== null) return misstep;
  const output = emptyOutput(problem);
  const wrong = (yield* decodeSequence(open, problem, output, [], choices)) ?? compare(output);
  return wrong === null ? null : `after another sequence and a reset: ${wrong}`;
}

function* refusesMore({ problem, stepper, computed }: Opened): Coroutine<string | null> {
  const { capacity } = stepper;
  const { length } = problem.shape;
  if (!(capacity >= length)) return `the capacity must be ${length} tokens or more, got ${capacity}`;
  const longer = lengthened(problem, length, 0).inputs;
  // A stepper with room to spare may take these in; there is no telling how far to try.
  if (capacity >= longer.shape.length) return null;
  stepper.reset();
  stepper.prefill(longer, capacity);
  yield* awaited(computed());
  const rows = tokenRows(problem, 1);
  rows.fetch(problem.inputs, 0);
  rows.clear();
  return (
    refused(stepper, "a step past it", () => stepper.step(rows.tokens[0])) ??
    refused(stepper, "a prefill past it", () => stepper.prefill(longer, 1))
  );
}

function* countsState({ problem, stepper, computed }: Opened): Coroutine<string | null> {
  const { inputs, ...task } = problem;
  const { length } = inputs.shape;
  stepper.reset();
  for (const position of new Set([0, Math.min(1, length), length >> 1, length])) {
    stepper.prefill(inputs, position - stepper.position);
    yield* awaited(computed());
    const wrong = wrongStateCounts(stepper) ?? wrongStateClaims(task, stepper);
    if (wrong !== null) return `at position ${position}: ${wrong}`;
  }
  return null;
}

function refused({ capacity }: Stepper, what: string, act: () => unknown): string | null {
  try {
    if (promiseFault(act()) !== null)
      return `with a capacity of ${capacity}, ${what} must throw, got a promise`;
  } catch (thrown) {
    if (thrown instanceof RangeError) return null;
    return `with a capacity of ${capacity}, ${what} must throw a RangeError, got ${messageOf(thrown)}`;
  }
  return `with a capacity of ${capacity}, ${what} must throw a RangeError, got none`;
}

function emptyOutput({ shape }: JudgedProblem): Float32Array {
  return new Float32Array(elementCount(shape, "output")).fill(Number.NaN);
}
