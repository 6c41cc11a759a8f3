import { setImmediate as nextTurn } from "node:timers/promises";
import type { Problem } from "../core/problem.ts";
import { elementCount, type Shape } from "../core/shape.ts";
import type { AttentionInputs } from "../core/tensors.ts";
import type { Variant } from "../core/variant.ts";
import { guardedOutput, type Kernel } from "../kernels/kernel.ts";
import { supportsMode } from "../kernels/supports-mode.ts";
import type { Mode } from "../record/schema/result-lines.ts";
import { callAgain } from "./call-again.ts";
import { decodeKinds } from "./check-decode.ts";
import {
  describe,
  gateSubjects,
  isCalledAgain,
  type KernelFree,
  lawSubjects,
  type Takes,
} from "./check-subjects.ts";
import { discard } from "./discard.ts";
import { replacedFault } from "./globals.ts";
import { laws } from "./laws/index.ts";
import type { Law, Subject } from "./laws/law.ts";
import { leastWork } from "./least-work.ts";
import { blame, prepareCase } from "./prepare-case.ts";
import { gateRows } from "./rows.ts";
import { secondKernel } from "./second-opinion.ts";
import { ThreadsSeen } from "./threads-seen.ts";

export interface CheckContext {
  inputs(kind: "gaussian" | "peaked", shape: Shape, seed: number): AttentionInputs;
  readonly seed: number;
  /** Those that may give a second opinion. */
  readonly kernels: readonly Kernel[];
  /** What q·k is multiplied by; 1/√d where it is left out. */
  readonly scale?: number | undefined;
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
  /** What must be known of the kernel, though it is right; left out where nothing must. */
  readonly remark?: string;
  /** The first failure, which ends this kind of check; or null. */
  readonly failure: string | null;
  /** Why it was not run at all; left out where it was. */
  readonly notRun?: string;
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
        const result = await oneKind(variant, kernel, kind, mode, context);
        if (result !== null) yield result;
        // A kernel that takes no shape at all has nothing that laws could say more of.
        if (result?.notRun !== undefined && kind === kinds[0]) break;
      }
    }
  }
}

/** One kind of check, and what it is done on. */
export interface CheckKind extends Law {
  /** What the subjects that were checked so far tell of a kernel; null where nothing. Forgotten then. */
  remark?(kernel: Kernel): string | null;
  subjects(variant: Variant, takes: Takes): Iterable<KernelFree>;
}

function forwardKinds(context: CheckContext): readonly CheckKind[] {
  const seen = new ThreadsSeen();
  return [
    {
      title: "gate",
      applies: () => true,
      check: throughGate(context, seen),
      remark: ({ id }) => seen.remark(id),
      subjects: (variant, takes) => gateSubjects(variant, takes, context),
    },
    ...laws.map((law) => ({
      ...law,
      subjects: (variant: Variant, takes: Takes) => lawSubjects(variant, takes, context),
    })),
  ];
}

/** Null where the kind says nothing of the variant, or was interrupted. */
async function oneKind(
  variant: Variant,
  kernel: Kernel,
  { title, applies, check: holds, remark, subjects }: CheckKind,
  mode: Mode,
  context: CheckContext,
): Promise<CheckResult | null> {
  let passed = 0;
  let taken = false;
  let refusal = "it takes no shape that was tried";
  const takes: Takes = ({ mechanism }, shape, causal) => {
    const answer = supportsMode(kernel, { mechanism, shape, causal, threads: 1 }, mode);
    if (answer !== true) refusal = answer;
    return answer === true;
  };
  for (const partial of subjects(variant, takes)) {
    const subject: Subject = { ...partial, kernel };
    if (context.signal.aborted) return null;
    taken = true;
    if (!applies(subject)) continue;
    let failure: string | null;
    try {
      failure = holds(subject);
    } catch (thrown) {
      failure = blame(thrown);
    }
    const replaced = replacedFault();
    if (replaced !== null) failure = `the kernel: ${replaced}`;
    if (failure !== null) {
      // What was seen of this kernel is not the next one's.
      remark?.(kernel);
      const where = `at ${describe(subject)}`;
      return {
        variant: variant.id,
        kernel: kernel.id,
        check: title,
        passed,
        failure: `${where}: ${failure}`,
      };
    }
    passed++;
    await nextTurn();
  }
  const told = { variant: variant.id, kernel: kernel.id, check: title, passed, failure: null };
  // A kernel that takes no shape is not checked, which is not to be taken for green.
  if (!taken) return { ...told, notRun: refusal };
  const said = remark?.(kernel) ?? null;
  if (passed === 0) return null;
  return said === null ? told : { ...told, remark: said };
}

function throughGate(
  { seed, kernels, now }: CheckContext,
  seen: ThreadsSeen,
): (subject: Subject) => string | null {
  return ({ filled, kernel, shape, causal, inputs }) => {
    const problem: Problem = { mechanism: filled.mechanism, shape, causal, threads: 1, inputs };
    const output = guardedOutput(elementCount(shape));
    const places = gateRows(shape, seed);
    const second = secondKernel(kernels, kernel.id);
    const result = prepareCase(problem, kernel, { places, fullRows: null, seed, output, second, now });
    if (result.outcome !== "green") return result.reason;
    if (!isCalledAgain(shape)) {
      result.runnable.dispose();
      return null;
    }
    try {
      const again = callAgain(() => result.runnable.run(), leastWork(problem), 1);
      seen.add(again.threadsSeen);
      return again.fault === null ? null : `gate: ${again.fault}`;
    } finally {
      discard(result.runnable);
    }
  };
}
