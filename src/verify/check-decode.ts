import { messageOf } from "../core/errors.ts";
import { elementCount } from "../core/shape.ts";
import type { AttentionInputs } from "../core/tensors.ts";
import type { Variant } from "../core/variant.ts";
import type { Stepper } from "../kernels/stepper.ts";
import type { JudgedTask } from "../mechanisms/judged.ts";
import { problemOf } from "../mechanisms/laws/law.ts";
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
import type { ThreadsSeen } from "./threads-seen.ts";
import { tokenRows } from "./token-rows.ts";

/**
 * What is checked of a stepper: rows of whole sequences over awkward shapes, and what its interface promises.
 */
export function decodeChecks(context: CheckContext, seen: ThreadsSeen): readonly Check[] {
  const causal = [true];
  const onLaws = (variant: Variant, takes: Takes) => lawSubjects(variant, takes, context, causal);
  const one = (title: string, check: (open: Opened) => string | null, subjects = onLaws): Check => ({
    title,
    applies: () => true,
    check: (subject) => opened(subject, check),
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
interface Opened {
  readonly task: JudgedTask;
  readonly stepper: Stepper;
  readonly inputs: AttentionInputs;
  /** What is wrong with a whole output, or null. */
  compare(output: Float32Array): string | null;
}

function opened(subject: Checked, check: (open: Opened) => string | null): string | null {
  const { kernel, seed } = subject;
  const problem = problemOf(subject);
  const { inputs, ...task } = problem;
  const stepper = kernel.decode?.prepare(handedOutTask(task));
  if (stepper === undefined) return "it does not decode";
  try {
    const changed = watchInputs(inputs);
    const expected = expectation(problem, problem.kind.oracle(problem), gateRows(problem.shape, seed), seed);
    const failure = check({ task, stepper, inputs, compare: (output) => expected.compare(output).failure });
    const name = changed();
    return name === null ? failure : `the stepper changed its input ${name}`;
  } finally {
    discard(stepper);
  }
}

function wholeSequence({ task, stepper, inputs, compare }: Opened, seen: ThreadsSeen): string | null {
  const output = emptyOutput(inputs);
  const wrong = decodeSequence(stepper, inputs, output) ?? compare(output);
  if (wrong !== null || !isCalledAgain(inputs.shape)) return wrong;
  const again = stepAgain(task, stepper, inputs);
  seen.add(again.threadsSeen);
  return again.fault;
}

function prefillThenSteps({ stepper, inputs, compare }: Opened): string | null {
  const { length } = inputs.shape;
  const output = emptyOutput(inputs);
  const misstep = decodeSequence(stepper, inputs, output);
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
      takeOthers(stepper, inputs) ?? decodeSequence(stepper, inputs, after, prefills) ?? compare(after);
    if (wrong !== null) return `after prefills of ${prefills.join(", ")} tokens: ${wrong}`;
  }
  return null;
}

/** Takes in a sequence of other numbers, so that anything a prefill skips is not left over from before. */
function takeOthers(stepper: Stepper, inputs: AttentionInputs, prefills?: readonly number[]): string | null {
  return whileTurned(inputs, () => decodeSequence(stepper, inputs, emptyOutput(inputs), prefills));
}

function resets({ stepper, inputs, compare }: Opened): string | null {
  const misstep = takeOthers(stepper, inputs, [inputs.shape.length >> 1]);
  if (misstep !== null) return misstep;
  const output = emptyOutput(inputs);
  const wrong = decodeSequence(stepper, inputs, output) ?? compare(output);
  return wrong === null ? null : `after another sequence and a reset: ${wrong}`;
}

function refusesMore({ stepper, inputs }: Opened): string | null {
  const { capacity } = stepper;
  const { length } = inputs.shape;
  if (!(capacity >= length)) return `the capacity must be ${length} tokens or more, got ${capacity}`;
  const longer = lengthened(inputs, length, 0);
  // A stepper with room to spare may take these in; there is no telling how far to try.
  if (capacity >= longer.shape.length) return null;
  stepper.reset();
  stepper.prefill(longer, capacity);
  const rows = tokenRows(inputs.shape, 1);
  rows.fetch(inputs, 0);
  rows.clear();
  return (
    refused(stepper, "a step past it", () => stepper.step(rows.tokens[0])) ??
    refused(stepper, "a prefill past it", () => stepper.prefill(longer, 1))
  );
}

function countsState({ task, stepper, inputs }: Opened): string | null {
  const { length } = inputs.shape;
  stepper.reset();
  for (const position of new Set([0, Math.min(1, length), length >> 1, length])) {
    stepper.prefill(inputs, position - stepper.position);
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

function emptyOutput({ shape }: AttentionInputs): Float32Array {
  return new Float32Array(elementCount(shape)).fill(Number.NaN);
}
