import { awaited, type Coroutine, carryOut } from "../core/coroutine.ts";
import { callBytes, elementCount, overTokens, type Shape } from "../core/shape.ts";
import { stepWindow } from "../core/step-window.ts";
import type { DecodeKernel, Stepper } from "../kernels/stepper.ts";
import { PATIENCE_S, withinPatience } from "../kernels/within-patience.ts";
import { weightsOf } from "../mechanisms/judged.ts";
import { stepsOf } from "../mechanisms/work-of-case.ts";
import { timeMaking } from "../timing/time-often.ts";
import { whileTurned } from "./changed-inputs.ts";
import { wrongStateClaims } from "./claims.ts";
import { type DecodeCall, decodeCall, untimedSteps } from "./decode-call.ts";
import { discard } from "./discard.ts";
import { type DecodeProblem, expectSteps } from "./expect-steps.ts";
import type { GateResult } from "./expectation.ts";
import { fidelityOf } from "./fidelity.ts";
import { watchInputs } from "./guarded-run.ts";
import { copied } from "./handed-choice.ts";
import { handedOutTask } from "./handed-out.ts";
import { blame, type GateContext, type GreenCase, type RedCase } from "./prepare-case.ts";
import { secondSteps } from "./second-steps.ts";
import { stepped } from "./stepped.ts";
import { watchedSteps } from "./watched-steps.ts";
import { wrongCounts } from "./wrong-counts.ts";

/** As for a forward pass; places are rows of the window, counted from its first step. */
type DecodeContext = Omit<GateContext, "output">;

/**
 * Prepares a stepper and verifies it: prefills of other tokens, from which it steps on; a sequence of other
 * numbers, so that anything that outlives a reset or comes from no input shows; all of the window's outputs
 * on the right ones; and once more on changed ones, over the outputs as they are. Whatever it throws, or
 * never answers, makes the case red.
 */
export async function prepareDecode(
  problem: DecodeProblem,
  kernel: DecodeKernel,
  context: DecodeContext,
): Promise<GreenCase | RedCase> {
  return await carryOut(decodeCase(problem, kernel, context));
}

function* decodeCase(
  problem: DecodeProblem,
  kernel: DecodeKernel,
  context: DecodeContext,
): Coroutine<GreenCase | RedCase> {
  let gate: GateResult | null = null;
  let prepared: Stepper | null = null;
  const refuse = (reason: string, outcome: RedCase["outcome"] = "red"): RedCase => {
    discard(prepared);
    return { outcome, reason, gate };
  };
  const { inputs, position } = problem;
  const { now, seed, places, patience_s = PATIENCE_S } = context;
  try {
    const { mechanism, kind, shape, causal, threads } = problem;
    const window = stepWindow(position);
    const changedInput = watchInputs(inputs);
    const task = { mechanism, kind, shape, causal, threads };
    const prepare = () => kernel.prepare(handedOutTask(task), weightsOf(problem));
    const making = carryOut(timeMaking(prepare, now));
    const made = yield* awaited(
      making instanceof Promise ? withinPatience("prepare", patience_s, () => making) : making,
    );
    const stepper = made.made;
    prepared = stepper;
    if (!(stepper.capacity >= shape.length)) {
      return refuse(`verification: the stepper must hold ${shape.length} tokens, got ${stepper.capacity}`);
    }
    const call = decodeCall(stepped(stepper, patience_s), problem, window);
    const prefillSeconds = yield* call.timePrefill(position, now);
    if (stepper.position !== position) {
      return refuse(`verification: prefill must lead to position ${position}, got ${stepper.position}`);
    }
    const miscounted = wrongStateCounts(stepper);
    const claimed = wrongStateClaims(task, stepper);
    if (miscounted !== null) return refuse(`verification: ${miscounted}`);
    const { stateBytes, stepBytes } = stepper;
    const residentBytes = stepsOf(task).residentBytes(task, window, stepper);
    const windowShape: Shape = overTokens(inputs.shape, window.steps);
    const output = new Float32Array(elementCount(windowShape, "output"));
    const watched = watchedSteps(problem, call, seed);

    const suspicion =
      labelled("after a prefill of other tokens", (yield* call.stepOn()) ?? watched.compareTaken()) ??
      labelled(
        "with q, k and v changed after prepare",
        yield* whileOther(problem, call, function* () {
          return (yield* call.stepAll("as they are")) ?? watched.compareTaken();
        }),
      );
    call.clear();
    const start = now();
    const misstep = yield* call.stepAll("as they are");
    const inWindow = (now() - start - (prefillSeconds * window.first) / position) / window.steps;
    output.fill(Number.NaN);
    call.store(output);
    const expected = expectSteps(problem, places, seed);
    const choice = copied(call.handed());
    const compared = expected.compare(output, choice);
    const fidelity = fidelityOf(expected, output, context.fullRows);
    const opinion = compared.failure === null ? yield* secondSteps(problem, output, context.second) : null;
    gate = { ...compared, comparedRows: opinion?.rows ?? 0, ...fidelity };
    const { rounding } = expected;
    const elsewhere = expectSteps(problem, opinion?.unlike ?? [], seed, rounding).compare(
      output,
      choice,
    ).failure;
    watched.knowRounding(rounding);
    const firstStepSeconds = yield* call.timeFirstStep(now);
    const stale = (yield* call.stepAll("changed")) ?? watched.compareTaken();
    const changed = changedInput();
    const broken =
      misstep ?? call.brokenGuard() ?? (changed === null ? null : `the stepper changed its input ${changed}`);
    if (broken !== null) return refuse(`verification: ${broken}`);
    if (expected.unproven !== null)
      return refuse(`nothing could be proven: ${expected.unproven}`, "unproven");
    const failure =
      inSteps(compared.failure ?? elsewhere, window.first) ??
      suspicion ??
      labelled("with other tokens in the window", stale) ??
      claimed;
    if (failure !== null) return refuse(`verification: ${failure}`);

    const tokenBytes = callBytes(overTokens(shape, 1));
    const { elsewhere: calls } = call;
    const callSeconds = calls === null ? inWindow : (yield* awaited(calls.again(1))).seconds;
    return {
      outcome: "green",
      runnable: {
        run: call.run,
        output: () => output,
        workspaceBytes: stepper.workspaceBytes,
        executedFlops: null,
        bytes: stepBytes + tokenBytes,
        ...(stepper.whyFewer !== undefined && { whyFewer: stepper.whyFewer }),
        dispose: () => stepper.dispose(),
      },
      output,
      choice: () => choice,
      gate,
      saved: null,
      before: null,
      prepareSeconds: made.seconds,
      firstPrepareSeconds: made.first,
      callSeconds: Math.max(callSeconds, 0),
      transferSeconds: 0,
      window: {
        calls: window.steps - untimedSteps(window.steps),
        rewindSeconds: prefillSeconds,
        makeRoom: call.makeRoom,
      },
      decoding: { stateBytes, residentBytes, prefillSeconds, firstStepSeconds },
      call: call.run,
      elsewhere: calls,
      begin: call.clear,
      verify: async () => watched.verify(),
      recheck: async () => watched.inspect(),
      inspect: watched.inspect,
    };
  } catch (thrown) {
    return refuse(blame(thrown));
  }
}

/** What is wrong with the state a stepper reports at its position, or null. */
export function wrongStateCounts(stepper: Stepper): string | null {
  return (
    wrongCounts(stepper, ["stateBytes", "stepBytes"], false) ?? wrongCounts(stepper, ["workspaceBytes"], true)
  );
}

/** Calls `act` while the inputs hold other numbers, and the call knows it. */
function* whileOther<T>(problem: DecodeProblem, call: DecodeCall, act: () => Coroutine<T>): Coroutine<T> {
  const acting = whileTurned(problem, () => {
    call.fetch();
    call.clear();
    return carryOut(act());
  });
  try {
    return yield* awaited(acting);
  } finally {
    call.fetch();
  }
}

function labelled(what: string, failure: string | null): string | null {
  return failure === null ? null : `${what}: ${failure}`;
}

function inSteps(failure: string | null, first: number): string | null {
  return failure === null ? null : `in the steps from position ${first} on, ${failure}`;
}
