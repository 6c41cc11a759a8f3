import { setImmediate as nextTurn } from "node:timers/promises";
import type { Problem } from "../core/problem.ts";
import type { Mode } from "../core/result-lines.ts";
import { elementCount, type Shape } from "../core/shape.ts";
import type { AttentionInputs } from "../core/tensors.ts";
import type { Variant } from "../core/variant.ts";
import { guardedOutput, type Kernel } from "../kernels/kernel.ts";
import { supportsMode } from "../kernels/supports-mode.ts";
import { decodeKinds } from "./check-decode.ts";
import { describe, gateSubjects, type KernelFree, lawSubjects } from "./check-subjects.ts";
import { gateRows } from "./gate-rows.ts";
import { laws } from "./laws/index.ts";
import type { Law, Subject } from "./laws/law.ts";
import { blame, prepareCase } from "./prepare-case.ts";

export interface CheckContext {
  inputs(kind: "gaussian" | "peaked", shape: Shape, seed: number): AttentionInputs;
  readonly seed: number;
  readonly signal: AbortSignal;
  now(): number;
}

/** What came of one kind of check, for one variant by one kernel. */
export interface CheckResult {
  readonly variant: string;
  readonly kernel: string;
  /** `gate`, or the title of a law. */
  readonly check: string;
  readonly passed: number;
  /** The first failure, which ends this kind of check; or null. */
  readonly failure: string | null;
}

/** Holds every variant by every kernel to the gate over awkward shapes and to the laws. Yields as it goes. */
export async function* check(
  variants: readonly Variant[],
  kernels: readonly Kernel[],
  context: CheckContext,
  mode: "forward" | "decode" = "forward",
): AsyncGenerator<CheckResult> {
  const kinds = mode === "decode" ? decodeKinds(context) : forwardKinds(context);
  for (const variant of variants) {
    for (const kernel of kernels) {
      for (const kind of kinds) {
        if (context.signal.aborted) return;
        yield* oneKind(variant, kernel, kind, mode, context);
      }
    }
  }
}

/** One kind of check, and what it is done on. */
export interface CheckKind extends Law {
  subjects(variant: Variant): Iterable<KernelFree>;
}

function forwardKinds(context: CheckContext): readonly CheckKind[] {
  return [
    {
      title: "gate",
      applies: () => true,
      check: throughGate(context),
      subjects: (variant) => gateSubjects(variant, context),
    },
    ...laws.map((law) => ({ ...law, subjects: (variant: Variant) => lawSubjects(variant, context) })),
  ];
}

async function* oneKind(
  variant: Variant,
  kernel: Kernel,
  { title, applies, check: holds, subjects }: CheckKind,
  mode: Mode,
  context: CheckContext,
): AsyncGenerator<CheckResult> {
  let passed = 0;
  for (const partial of subjects(variant)) {
    const subject: Subject = { ...partial, kernel };
    const { mechanism } = subject.filled;
    const task = { mechanism, shape: subject.shape, causal: subject.causal, threads: 1 };
    if (context.signal.aborted) return;
    if (supportsMode(kernel, task, mode) !== true || !applies(subject)) continue;
    let failure: string | null;
    try {
      failure = holds(subject);
    } catch (thrown) {
      failure = blame(thrown);
    }
    if (failure !== null) {
      const where = `at ${describe(subject)}`;
      yield { variant: variant.id, kernel: kernel.id, check: title, passed, failure: `${where}: ${failure}` };
      return;
    }
    passed++;
    await nextTurn();
  }
  if (passed > 0) yield { variant: variant.id, kernel: kernel.id, check: title, passed, failure: null };
}

function throughGate({ seed, now }: CheckContext): (subject: Subject) => string | null {
  return ({ filled, kernel, shape, causal, inputs }) => {
    const problem: Problem = { mechanism: filled.mechanism, shape, causal, threads: 1, inputs };
    const output = guardedOutput(elementCount(shape));
    const places = gateRows(shape, seed);
    const result = prepareCase(problem, kernel, { places, fullRows: null, seed, output, now });
    if (result.outcome === "red") return result.reason;
    result.runnable.dispose();
    return null;
  };
}
