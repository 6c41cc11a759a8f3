import { FailureError, messageOf } from "../core/errors.ts";
import type { Problem } from "../core/problem.ts";
import type { Kernel, Runnable } from "../kernels/kernel.ts";
import { reference } from "../reference/reference.ts";
import { callOnChanged } from "./changed-call.ts";
import { expectation, type GateResult } from "./expectation.ts";
import type { RowPlace } from "./gate-rows.ts";
import { brokenGuard, runGuarded, watchInputs } from "./guarded-run.ts";
import type { CallWindow } from "./slot.ts";
import { timeMaking } from "./time-often.ts";
import { wrongCounts } from "./wrong-counts.ts";

/** A case that the gate let through. */
export interface GreenCase {
  readonly outcome: "green";
  readonly runnable: Runnable;
  readonly gate: GateResult;
  readonly prepareSeconds: number;
  /** What one call took at the gate, in seconds. */
  readonly callSeconds: number;
  /** How many calls follow one another; null where as many as one likes. */
  readonly window: CallWindow | null;
  /** What is told of decoding only; null of forward passes. */
  readonly decoding: DecodingFacts | null;
  /** Fills the output with NaN, so that what is no longer computed shows. */
  clear(): void;
  /** Compares the output as it stands with what is expected: null, or what is wrong. */
  verify(): string | null;
}

/** What decoding is measured by beside its time. */
export interface DecodingFacts {
  /** Bytes kept of the tokens so far. */
  readonly stateBytes: number;
  /** Bytes of state that the steps of the window touch between them, each counted once: what a cache must hold of it. */
  readonly residentBytes: number;
  /** Seconds to take in all tokens up to the position. */
  readonly prefillSeconds: number;
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
    const { made: runnable, seconds: prepareSeconds } = timeMaking(
      () => kernel.prepare(problem, context.output),
      context.now,
    );
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
    const failure =
      broken ??
      compared.failure ??
      suspicion ??
      wrongCounts(runnable, ["workspaceBytes", "executedFlops", "bytes"], true);
    if (failure !== null) return refuse(`gate: ${failure}`);
    const verify = () => brokenGuard(runnable.output()) ?? expected.compare(runnable.output()).failure;
    const clear = () => void runnable.output().fill(Number.NaN);
    const forward = { window: null, decoding: null } as const;
    return { outcome: "green", runnable, gate, prepareSeconds, callSeconds, ...forward, clear, verify };
  } catch (thrown) {
    return refuse(blame(thrown));
  }
}

/** What is said of a kernel in whose code something was thrown. */
export function blame(thrown: unknown): string {
  const message = messageOf(thrown);
  return thrown instanceof FailureError ? message : `the kernel threw: ${message}`;
}

/** Frees what a kernel holds. One that throws even then is refused or done with in any case. */
export function discard(runnable: { dispose(): void } | null): void {
  try {
    runnable?.dispose();
  } catch {
    // Nothing is left to be said of it.
  }
}
