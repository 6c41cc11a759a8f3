import type { Problem, Task } from "../core/problem.ts";
import { elementCount, FLOAT_BYTES, type Shape } from "../core/shape.ts";
import { type StepWindow, stepWindow } from "../core/step-window.ts";
import type { DecodeKernel, Stepper } from "../kernels/stepper.ts";
import { keysOfSteps } from "../pattern/keys-of-steps.ts";
import { type Reference, reference } from "../reference/reference.ts";
import { someRows } from "./changed-call.ts";
import { whileNegated } from "./changed-inputs.ts";
import { type DecodeCall, decodeCall, untimedSteps } from "./decode-call.ts";
import { type Expectation, expectation, type GateResult } from "./expectation.ts";
import type { RowPlace } from "./gate-rows.ts";
import { watchInputs } from "./guarded-run.ts";
import { blame, discard, type GateContext, type GreenCase, type RedCase } from "./prepare-case.ts";
import { timeMaking, timeOften } from "./time-often.ts";
import { wrongCounts } from "./wrong-counts.ts";

/** Steps around a position. The shape is that of the capacity, at which patterns are bound; inputs hold the window's tokens. */
export interface DecodeProblem extends Problem {
  readonly position: number;
}

/** The same as of a forward pass; places are rows of the window, counted from its first step. */
type DecodeContext = Omit<GateContext, "output">;

/**
 * Prepares a stepper and puts it through the gate: a sequence of other numbers first, so that what outlives a reset or
 * comes from no input shows, then the window's outputs on the right ones. Whatever it throws makes the case red.
 */
export function prepareDecode(
  problem: DecodeProblem,
  kernel: DecodeKernel,
  context: DecodeContext,
): GreenCase | RedCase {
  let gate: GateResult | null = null;
  let prepared: Stepper | null = null;
  const refuse = (reason: string): RedCase => {
    discard(prepared);
    return { outcome: "red", reason, gate };
  };
  const { inputs, position } = problem;
  const { now } = context;
  try {
    const { mechanism, shape, causal, threads } = problem;
    const window = stepWindow(position);
    const changedInput = watchInputs(inputs);
    const task = { mechanism, shape, causal, threads };
    const made = timeMaking(() => kernel.prepare(task), now);
    const stepper = made.made;
    prepared = stepper;
    if (!(stepper.capacity >= shape.length)) {
      return refuse(`gate: the stepper must hold ${shape.length} tokens, got ${stepper.capacity}`);
    }
    const prefillSeconds = timeOften(
      () => stepper.prefill(inputs, position),
      now,
      () => stepper.reset(),
    );
    if (stepper.position !== position) {
      return refuse(`gate: prefill must lead to position ${position}, got ${stepper.position}`);
    }
    const miscounted = wrongStateCounts(stepper);
    if (miscounted !== null) return refuse(`gate: ${miscounted}`);
    const { stateBytes, stepBytes } = stepper;
    const residentBytes = residentBytesOf(task, window, stepper);
    const call = decodeCall(stepper, inputs, window);
    const windowShape: Shape = { ...inputs.shape, length: window.steps };
    const output = new Float32Array(elementCount(windowShape));
    const suspicion = changedSequence(problem, call, output, context);

    call.clear();
    const start = now();
    const misstep = call.stepAll();
    const callSeconds = (now() - start - (prefillSeconds * window.first) / position) / window.steps;
    const changed = changedInput();
    const broken =
      misstep ?? call.brokenGuard() ?? (changed === null ? null : `the stepper changed its input ${changed}`);
    const expected = expectSteps(problem, context.places, context.seed);
    output.fill(Number.NaN);
    call.store(output);
    const compared = expected.compare(output);
    const fidelityError = context.fullRows === null ? null : expected.distance(output, context.fullRows);
    gate = { ...compared, fidelityError };
    const failure = broken ?? inSteps(compared.failure, window.first) ?? suspicion;
    if (failure !== null) return refuse(`gate: ${failure}`);

    const right = output.slice();
    const verify = (): string | null => {
      output.set(right);
      call.store(output);
      return call.brokenGuard() ?? inSteps(expected.compare(output).failure, window.first);
    };
    const tokenBytes = 4 * FLOAT_BYTES * elementCount({ ...shape, length: 1 });
    return {
      outcome: "green",
      runnable: {
        run: call.run,
        output: () => output,
        workspaceBytes: stepper.workspaceBytes,
        executedFlops: null,
        bytes: stepBytes + tokenBytes,
        dispose: () => stepper.dispose(),
      },
      gate,
      prepareSeconds: made.seconds,
      callSeconds: Math.max(callSeconds, 0),
      window: {
        calls: window.steps - untimedSteps(window.steps),
        rewindSeconds: prefillSeconds,
        makeRoom: call.makeRoom,
      },
      decoding: { stateBytes, residentBytes, prefillSeconds },
      clear: call.clear,
      verify,
    };
  } catch (thrown) {
    return refuse(blame(thrown));
  }
}

/** What is wrong with what a stepper tells of its state where it stands; null where nothing is. */
export function wrongStateCounts(stepper: Stepper): string | null {
  return (
    wrongCounts(stepper, ["stateBytes", "stepBytes"], false) ?? wrongCounts(stepper, ["workspaceBytes"], true)
  );
}

/** Bytes of state that the steps of a window touch between them, each counted once; one step's at least. */
function residentBytesOf(task: Task, window: StepWindow, { stateBytes, stepBytes }: Stepper): number {
  const { mechanism, shape } = task;
  if (mechanism.kind === "featureMap") return stateBytes;
  const keyBytes = 2 * FLOAT_BYTES * shape.headDim;
  return Math.max(stepBytes, keyBytes * shape.batch * keysOfSteps(mechanism, task, window));
}

/** Rows of the window's outputs, numbered from its first step, as the reference of the whole sequence has them. */
function windowReference(exact: Reference, first: number): Reference {
  return (batch, head, row, round) => exact(batch, head, first + row, round);
}

/** What is expected of rows of the window, numbered from its first step. */
export function expectSteps(problem: DecodeProblem, places: readonly RowPlace[], seed: number): Expectation {
  const { first, steps } = stepWindow(problem.position);
  const shape = { ...problem.inputs.shape, length: steps };
  return expectation({ ...problem, shape }, windowReference(reference(problem), first), places, seed);
}

/** Steps through the window with q, k and v negated; null, or what is wrong with its outputs. */
function changedSequence(
  problem: DecodeProblem,
  call: DecodeCall,
  output: Float32Array,
  { places, seed }: DecodeContext,
): string | null {
  try {
    return whileNegated(problem.inputs, () => {
      call.fetch();
      call.clear();
      const misstep = call.stepAll();
      output.fill(Number.NaN);
      call.store(output);
      const wrong = misstep ?? expectSteps(problem, someRows(places), seed).compare(output).failure;
      return wrong === null ? null : `with q, k and v changed after prepare: ${wrong}`;
    });
  } finally {
    call.fetch();
  }
}

function inSteps(failure: string | null, first: number): string | null {
  return failure === null ? null : `of the steps from position ${first} on, ${failure}`;
}
