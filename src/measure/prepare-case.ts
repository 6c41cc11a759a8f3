import { messageOf } from "../core/errors.ts";
import type { Problem } from "../core/problem.ts";
import type { Kernel, Runnable } from "../kernels/kernel.ts";
import { reference } from "../reference/reference.ts";
import { callOnChanged } from "./changed-call.ts";
import { expectation, type GateResult } from "./expectation.ts";
import type { RowPlace } from "./gate-rows.ts";
import { brokenGuard, runGuarded, watchInputs } from "./guarded-run.ts";

/** A case that the gate let through. */
export interface GreenCase {
  readonly outcome: "green";
  readonly runnable: Runnable;
  readonly gate: GateResult;
  readonly prepareSeconds: number;
  /** What one call took at the gate, in seconds. */
  readonly callSeconds: number;
  /** Compares the output as it stands with what is expected: null, or what is wrong. */
  verify(): string | null;
}

/** A case that the gate refused, or whose kernel threw. */
export interface RedCase {
  readonly outcome: "red";
  readonly reason: string;
  readonly gate: GateResult | null;
}

/** What the gate needs beside the problem. */
export interface GateContext {
  readonly places: readonly RowPlace[];
  /** The same rows of full softmax attention; null where fidelity is not asked for. */
  readonly fullRows: readonly Float64Array[] | null;
  readonly seed: number;
  readonly output: Float32Array;
  /** Seconds from any fixed point. */
  now(): number;
}

/** Preparing is timed at least this often where it is short, and as often as fits into some milliseconds: cold code is slow. */
const LEAST_PREPARES = 3;
const MOST_PREPARES = 25;
const PREPARES_S = 0.02;
/** Longer preparing is steady enough to be measured once. */
const LONG_PREPARE_S = 1;

/** Prepares a case and puts it through the gate. Whatever a kernel throws makes the case red and stops nothing. */
export function prepareCase(problem: Problem, kernel: Kernel, context: GateContext): GreenCase | RedCase {
  let gate: GateResult | null = null;
  let prepared: Runnable | null = null;
  const refuse = (reason: string): RedCase => {
    discard(prepared);
    return { outcome: "red", reason, gate };
  };
  try {
    const changedInput = watchInputs(problem.inputs);
    const { runnable, seconds: prepareSeconds } = timePrepare(problem, kernel, context);
    prepared = runnable;
    const { refusal, suspicion } = callOnChanged(problem, runnable, context.places, context.seed);
    if (refusal !== null) return refuse(`gate: ${refusal}`);
    const start = context.now();
    const broken = runGuarded(problem, runnable, changedInput);
    const callSeconds = context.now() - start;
    const expected = expectation(problem, reference(problem), context.places, context.seed);
    const output = runnable.output();
    const compared = expected.compare(output);
    const fidelityError = context.fullRows === null ? null : expected.distance(output, context.fullRows);
    gate = { ...compared, fidelityError };
    const failure = broken ?? compared.failure ?? suspicion;
    if (failure !== null) return refuse(`gate: ${failure}`);
    const verify = () => brokenGuard(runnable.output()) ?? expected.compare(runnable.output()).failure;
    return { outcome: "green", runnable, gate, prepareSeconds, callSeconds, verify };
  } catch (thrown) {
    return refuse(`the kernel threw: ${messageOf(thrown)}`);
  }
}

/** Frees what a kernel holds. One that throws even then is refused or done with in any case. */
export function discard(runnable: Runnable | null): void {
  try {
    runnable?.dispose();
  } catch {
    // Nothing is left to be said of it.
  }
}

function timePrepare(
  problem: Problem,
  kernel: Kernel,
  { output, now }: GateContext,
): { runnable: Runnable; seconds: number } {
  const seconds: number[] = [];
  let runnable: Runnable | null = null;
  const begun = now();
  for (let attempt = 0; attempt < MOST_PREPARES; attempt++) {
    if (attempt >= LEAST_PREPARES && now() - begun > PREPARES_S) break;
    runnable?.dispose();
    const start = now();
    runnable = kernel.prepare(problem, output);
    seconds.push(now() - start);
    if (seconds[0] > LONG_PREPARE_S) break;
  }
  if (runnable === null) throw new TypeError(`kernel ${kernel.id}: prepare returned nothing`);
  return { runnable, seconds: seconds.sort((a, b) => a - b)[seconds.length >> 1] };
}
