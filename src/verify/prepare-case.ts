import { carryOut } from "../core/coroutine.ts";
import { FailureError, messageOf } from "../core/errors.ts";
import { rowCount } from "../core/outputs.ts";
import type { RowPlace } from "../core/rows.ts";
import type { Kernel, Runnable } from "../kernels/kernel.ts";
import { PATIENCE_S, withinPatience } from "../kernels/within-patience.ts";
import type { JudgedProblem } from "../mechanisms/judged.ts";
import type { Oracle } from "../mechanisms/oracle.ts";
import { outputsOf } from "../mechanisms/outputs.ts";
import type { CallWindow } from "../timing/slot.ts";
import { timeMaking } from "../timing/time-often.ts";
import { type Called, wholeCall } from "./called.ts";
import { callsElsewhere } from "./calls-elsewhere.ts";
import { callOnChanged } from "./changed-call.ts";
import { wrongClaims } from "./claims.ts";
import { discard } from "./discard.ts";
import { type Expectation, expectation, type GateResult } from "./expectation.ts";
import { type FullRows, fidelityOf } from "./fidelity.ts";
import { affordable } from "./gradient-rows.ts";
import { inputsFault, outputFault, runGuarded, sameView, watchInputs } from "./guarded-run.ts";
import { askOf, type HandedChoice, handedChoice } from "./handed-choice.ts";
import { wronglyHandedOn } from "./handed-on.ts";
import { handedOut } from "./handed-out.ts";
import { mirrored } from "./mirrored.ts";
import { judgeClock } from "./own-clock.ts";
import { savedBytes } from "./saving-forward.ts";
import { type SecondOpinion, secondOpinion } from "./second-opinion.ts";
import { type Watched, watchedCall } from "./watched-call.ts";

/** A case that passed verification. */
export interface GreenCase extends Watched {
  readonly outcome: "green";
  readonly runnable: Runnable;
  /** The output, as the verified call left it. */
  readonly output: Float32Array;
  /** What it chose for that output. */
  choice(): HandedChoice;
  readonly gate: GateResult;
  /** The median time, and that of the first. */
  readonly prepareSeconds: number;
  readonly firstPrepareSeconds: number;
  /** What one call took during verification, in seconds. */
  readonly callSeconds: number;
  /** What taking in its inputs took in addition; 0 if it reads them in place. */
  readonly transferSeconds: number;
  /** What a backward pass is given of the forward pass; null if nothing. */
  readonly saved: SavedForward | null;
  /** How many calls can follow one another; null if unlimited. */
  readonly window: CallWindow | null;
  /** What is reported for decoding only; null for forward passes. */
  readonly decoding: DecodingFacts | null;
}

/** What is kept of a forward pass for the backward pass. */
export interface SavedForward {
  readonly bytes: number;
  /** What saving it takes, in seconds, outside the time of a call. */
  readonly seconds: number;
}

/** What decoding is measured by besides its time. */
export interface DecodingFacts {
  /** Bytes kept of the tokens so far. */
  readonly stateBytes: number;
  /**
   * Bytes of state that the steps of the window touch between them, each counted once: what a cache must hold
   * of it.
   */
  readonly residentBytes: number;
  /** Seconds to take in all tokens up to the position. */
  readonly prefillSeconds: number;
  /** Seconds of the first step after that, which counts in no other time. */
  readonly firstStepSeconds: number;
}

/**
 * A case that failed verification, whose kernel threw, about which nothing can be proven, or whose calls the clock cannot
 * tell.
 */
export interface RedCase {
  readonly outcome: "red" | "unproven" | "untold";
  readonly reason: string;
  readonly gate: GateResult | null;
}

/** What verification needs besides the problem. */
export interface GateContext {
  readonly places: readonly RowPlace[];
  /** The same rows of what is approximated; null if fidelity is not requested. */
  readonly fullRows: FullRows | null;
  readonly seed: number;
  readonly output: Float32Array;
  /** A kernel of another family, whose whole output is compared; null if there is none. */
  readonly second: Kernel | null;
  /** Seconds that an awaited kernel may take to answer. */
  readonly patience_s?: number | undefined;
  /** Whether it matters how long preparing takes; it does if omitted. If not, it is only done twice. */
  readonly timesPreparing?: boolean;
  /** Seconds from any fixed point. */
  now(): number;
}

/**
 * Prepares a case and verifies it. Whatever a kernel throws, or never answers, makes the case red and stops
 * nothing.
 */
export async function prepareCase(
  problem: JudgedProblem,
  kernel: Kernel,
  context: GateContext,
): Promise<GreenCase | RedCase> {
  const { seed, places, patience_s = PATIENCE_S, timesPreparing } = context;
  let gate: GateResult | null = null;
  let prepared: Runnable | null = null;
  const refuse = (reason: string, outcome: RedCase["outcome"] = "red"): RedCase => {
    discard(prepared);
    return { outcome, reason, gate };
  };
  try {
    const changedInput = watchInputs(problem.inputs);
    const prepare = () => kernel.prepare(handedOut(problem), context.output);
    const making = await withinPatience("prepare", patience_s, () =>
      carryOut(timeMaking(prepare, context.now, timesPreparing)),
    );
    const { made: runnable, seconds: prepareSeconds, first: firstPrepareSeconds } = making;
    prepared = runnable;
    const output = runnable.output();
    const read = runnable.inputs?.() ?? problem.inputs;
    const misplaced = outputFault(problem, output) ?? inputsFault(problem, read);
    if (misplaced !== null) return refuse(`verification: ${misplaced}`);
    const called: Called = {
      problem: { ...problem, inputs: { ...read, shape: problem.shape } },
      output,
      choice: () => handedChoice(problem, askOf(runnable), output),
      finiteOnly: kernel.finiteOnly === true,
      ...wholeCall(runnable, read, patience_s),
    };
    const exact = problem.kind.oracle(called.problem);
    const expected = expectation(called.problem, exact, places, seed);
    const { rounding } = expected;
    const { refusal, suspicion, turned } = await callOnChanged(called, exact, places, seed, rounding);
    if (refusal !== null) return refuse(`verification: ${refusal}`);
    const guarded = await runGuarded(called, context.now);
    const looked = await lookAt(called, guarded.atReturn, { expected, exact, turned }, context);
    gate = looked.gate;
    const certain = guarded.broken ?? sharedFault(changedInput(), runnable, output);
    if (certain !== null) return refuse(`verification: ${certain}`);
    if (expected.unproven !== null)
      return refuse(`nothing could be proven: ${expected.unproven}`, "unproven");
    const failure =
      looked.failure ??
      suspicion ??
      (await wronglyHandedOn(called, runnable, expected)) ??
      wrongClaims(problem, runnable);
    if (failure !== null) return refuse(`verification: ${failure}`);
    const elsewhere = callsElsewhere(runnable, () => {}, patience_s);
    let requestSeconds = 0;
    if (elsewhere?.hasClock === true) {
      const judged = await judgeClock((calls) => elsewhere.again(calls));
      if (judged.wrong !== null) return refuse(`verification: ${judged.wrong}`);
      ({ requestSeconds } = judged);
    }
    const transferSeconds = (await elsewhere?.load()) ?? 0;
    const saved = await savedForward(called, runnable, context.now);
    const callSeconds =
      elsewhere === null
        ? saved === null
          ? guarded.seconds
          : timed(called.run, context.now)
        : (await elsewhere.again(1)).seconds;
    const watched = watchedCall(called, {
      exact,
      seed,
      rows: Math.min(places.length, ROWS_AFTER),
      callSeconds,
      rounding,
      turned,
      looked: (one) => sharedFault(null, runnable, one),
      elsewhere: (change, afterSaving) =>
        callsElsewhere(
          runnable,
          change,
          patience_s,
          requestSeconds,
          called.save === null ? null : { save: called.save, change: afterSaving },
        ),
    });
    const forward = { window: null, decoding: null } as const;
    const times = { prepareSeconds, firstPrepareSeconds, callSeconds, transferSeconds };
    return {
      outcome: "green",
      runnable,
      output,
      choice: called.choice,
      gate,
      saved,
      ...times,
      ...forward,
      ...watched,
    };
  } catch (thrown) {
    return refuse(blame(thrown));
  }
}

/** What a kernel saves, which it does here once more; null if nothing. */
async function savedForward(
  { save }: Called,
  runnable: Runnable,
  now: () => number,
): Promise<SavedForward | null> {
  if (save === null) return null;
  const start = now();
  const pending = save();
  if (pending !== null) await pending;
  return { bytes: savedBytes(runnable), seconds: now() - start };
}

/**
 * Seconds of one call of what was saved. Not those of both less those of saving once more, which on a busy machine may be
 * longer than both were: of a call that seems to take no time a slot would make hundreds of thousands.
 */
function timed(run: () => void, now: () => number): number {
  const start = now();
  run();
  return now() - start;
}

/** What an output is checked against. */
interface Expected {
  readonly expected: Expectation;
  readonly exact: Oracle;
  /** The output on turned inputs; null if it was not kept. */
  readonly turned: Float32Array | null;
}

/**
 * Compares the output of the call that has just returned: some rows with the reference, all of it with what
 * others say.
 */
async function lookAt(
  called: Called,
  atReturn: Float32Array,
  { expected, exact, turned }: Expected,
  context: GateContext,
): Promise<{ gate: GateResult; failure: string | null }> {
  const { problem, output } = called;
  const choice = called.choice();
  const compared = expected.compare(output, choice);
  const fidelity = fidelityOf(expected, output, context.fullRows);
  const opinions = compared.failure === null ? await opinionsOf(called, choice, turned, context) : [];
  const comparedRows = opinions.reduce((most, { rows }) => Math.max(most, rows), 0);
  const unlike = opinions.flatMap((opinion) => opinion.unlike);
  const asked = affordable(problem, unlike);
  const elsewhere = expectation(problem, exact, asked, context.seed, expected.rounding);
  const failure =
    compared.failure ??
    (sameStart(atReturn, output) ? null : stillWritten(called)) ??
    elsewhere.compare(output, choice).failure;
  return { gate: { ...compared, comparedRows, ...fidelity }, failure };
}

/**
 * What others say about the whole output: a kernel of another family and, if that cannot check all of it, the
 * kernel itself.
 */
async function opinionsOf(
  { problem, output }: Called,
  choice: HandedChoice,
  turned: Float32Array | null,
  { second, seed }: GateContext,
): Promise<SecondOpinion[]> {
  const theirs = await secondOpinion(problem, output, second, seed, choice);
  const isWhole = theirs?.rows === rowCount(outputsOf(problem));
  const own = isWhole || turned === null ? null : mirrored(problem, output, turned);
  return [theirs, own].filter((opinion) => opinion !== null);
}

/**
 * Rows checked after a slot, different ones each time; if calls are short, the whole output is checked as
 * well.
 */
const ROWS_AFTER = 8;

function stillWritten({ isWaitedFor }: Called): string {
  return isWaitedFor
    ? "the output had changed when it was read again: it was still being computed when the call was reported finished, or it was an earlier call's"
    : "the output was still being written when run had returned";
}

function sameStart(copy: Float32Array, output: Float32Array): boolean {
  return copy.every((value, at) => Object.is(value, output[at]));
}

function sharedFault(changed: string | null, runnable: Runnable, output: Float32Array): string | null {
  if (changed !== null) return `the kernel changed its input ${changed}`;
  if (sameView(runnable.output(), output)) return null;
  return "output() must return the same array every time, got a different one from that checked";
}

/** What is said about a kernel whose code threw; `when` is such as ` in round 2`. */
export function blame(thrown: unknown, when = ""): string {
  const message = messageOf(thrown);
  return thrown instanceof FailureError ? message : `the kernel threw${when}: ${message}`;
}
