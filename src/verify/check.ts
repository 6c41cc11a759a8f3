import { type Dtype, dtypeField, isReduced } from "../core/dtype.ts";
import { type GradientPass, OPERATIONS, type OperationId, USUAL_OPERATION } from "../core/operation.ts";
import { outputCount } from "../core/outputs.ts";
import type { ParameterValues } from "../core/parameters.ts";
import { type Shape, shapeOf } from "../core/shape.ts";
import type { AttentionInputs } from "../core/tensors.ts";
import { parameterize, type Variant } from "../core/variant.ts";
import { guardedOutput, type Kernel } from "../kernels/kernel.ts";
import { supportsMode } from "../kernels/supports-mode.ts";
import type { JudgedVariant } from "../mechanisms/judged.ts";
import type { Kinds } from "../mechanisms/kinds.ts";
import { type Law, problemOf } from "../mechanisms/laws/law.ts";
import { outputsOf } from "../mechanisms/outputs.ts";
import { allowsCausal, whyUndefined } from "../mechanisms/why-undefined.ts";
import { leastPass } from "../mechanisms/work-of-case.ts";
import { platform } from "../platform/here.ts";
import { callGreenAgain, placeRemark } from "./call-green-again.ts";
import { decodeChecks } from "./check-decode.ts";
import {
  type Checked,
  describe,
  gateSubjects,
  isCalledAgain,
  type KernelFree,
  lawSubjects,
  type Takes,
  unpeaked,
} from "./check-subjects.ts";
import { discard } from "./discard.ts";
import { replacedFault } from "./globals.ts";
import { rowsToCheck } from "./gradient-rows.ts";
import { heldTo } from "./held-to.ts";
import { blame, prepareCase } from "./prepare-case.ts";
import { secondKernel } from "./second-opinion.ts";
import { ThreadsSeen } from "./threads-seen.ts";

export interface CheckContext {
  inputs(kind: "gaussian" | "peaked", shape: Shape, seed: number): AttentionInputs;
  readonly seed: number;
  readonly kinds: Kinds;
  /** The kernels that may give a second opinion. */
  readonly kernels: readonly Kernel[];
  /** What q·k is multiplied by; 1/√d if omitted. */
  readonly scale?: number | undefined;
  /** The numbers of the calls; float32 if omitted. In others the gate is all there is: the laws are tested in float32. */
  readonly dtype?: Dtype | undefined;
  /** Values of parameters that hold whatever else is tried; none if omitted. */
  readonly settings?: ReadonlyMap<Variant, ParameterValues>;
  /** The pass that computes gradients; the output alone is computed if omitted, or null. */
  readonly pass?: GradientPass | null;
  readonly signal: AbortSignal;
  /** Seconds that an awaited kernel may take to answer; two minutes if omitted. */
  readonly patience_s?: number | undefined;
  now(): number;
}

/** The result of one kind of check, for one variant and one kernel. */
export interface CheckResult {
  readonly variant: string;
  readonly kernel: string;
  /** `gate`, or the title of a law. */
  readonly check: string;
  readonly passed: number;
  /** What to know about the kernel although it is right; omitted if nothing. */
  readonly remark?: string;
  /** The first failure, which ends this kind of check; or null. */
  readonly failure: string | null;
  /** Why it was not run at all; omitted if it was. */
  readonly notRun?: string;
}

/** Verifies every variant with every kernel over awkward shapes, and checks the laws. Yields as it goes. */
export async function* check(
  variants: readonly Variant[],
  kernels: readonly Kernel[],
  given: CheckContext,
  mode: OperationId = USUAL_OPERATION,
): AsyncGenerator<CheckResult> {
  const context: CheckContext = { ...given, pass: OPERATIONS[mode].pass };
  const seen = new ThreadsSeen();
  for (const variant of variants) {
    const checks = OPERATIONS[mode].keepsState
      ? decodeChecks(context, seen)
      : forwardChecks(variant, context, seen);
    for (const kernel of kernels) {
      for (const one of checks) {
        if (context.signal.aborted) return;
        const result = await checkOne(variant, kernel, one, mode, context);
        if (result !== null) yield result;
        // For a kernel that supports no shape at all the laws could say nothing more.
        if (result?.notRun !== undefined && one === checks[0]) break;
      }
    }
  }
}

/** What is checked for every variant and kernel, and on which subjects. */
export interface Check {
  readonly title: string;
  /** Whether it applies to this subject. */
  applies(subject: Checked): boolean;
  /** Null, or what is wrong. */
  check(subject: Checked): string | null | Promise<string | null>;
  /** What the subjects checked so far say about a kernel, or null. Reading it clears it. */
  remark?(kernel: Kernel): string | null;
  subjects(variant: Variant, takes: Takes): Iterable<KernelFree>;
}

function forwardChecks(variant: Variant, context: CheckContext, seen: ThreadsSeen): readonly Check[] {
  const { pass } = context;
  const { kind } = context.kinds.under(parameterize(variant, {}), pass ? { pass } : {});
  return [
    {
      title: "gate",
      applies: () => true,
      check: throughGate(context, seen),
      remark: ({ id }) => seen.remark(id),
      subjects: (one, takes) => gateSubjects(one, takes, context),
    },
    ...(isReduced(context.dtype) ? [] : kind.laws).map((law) => lawCheck(law, context)),
  ];
}

function lawCheck(law: Law, context: CheckContext): Check {
  return {
    title: law.title,
    applies: (subject) => law.applies(subject),
    check: (subject) => law.check(heldTo(subject, context.patience_s)),
    subjects: (variant, takes) => lawSubjects(variant, takes, context),
  };
}

/** Null if the check does not apply to the variant, or was interrupted. */
async function checkOne(
  variant: Variant,
  kernel: Kernel,
  { title, applies, check: holds, remark, subjects }: Check,
  mode: OperationId,
  context: CheckContext,
): Promise<CheckResult | null> {
  const never = undefinedIn(mode, context.kinds.judged(parameterize(variant, {})));
  if (never !== null) {
    return { variant: variant.id, kernel: kernel.id, check: title, passed: 0, failure: null, notRun: never };
  }
  let passed = 0;
  let taken = false;
  let refusal = "it supports none of the shapes tried";
  const numbers = dtypeField(context.dtype);
  const takes: Takes = ({ mechanism, kind }, shape, causal) => {
    const answer =
      whyUndefined({ mechanism, kind }, { causal, mode, ...numbers }, shape) ??
      supportsMode(kernel, { mechanism, shape, causal, threads: 1, ...numbers }, mode);
    if (answer !== true) refusal = answer;
    return answer === true;
  };
  for (const partial of subjects(variant, takes)) {
    const subject: Checked = { ...partial, kernel };
    if (context.signal.aborted) return null;
    taken = true;
    if (!applies(subject)) continue;
    let failure: string | null;
    try {
      failure = await holds(subject);
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
    await platform.nextTurn();
  }
  const told = { variant: variant.id, kernel: kernel.id, check: title, passed, failure: null };
  // A kernel that supports no shape is not checked, which must not pass for green.
  if (!taken) return { ...told, notRun: refusal };
  const said = remark?.(kernel) ?? null;
  if (passed === 0) return null;
  return said === null ? told : { ...told, remark: said };
}

/** Why a variant is not defined in a mode that is always causal, whatever the shape; null if it is. */
function undefinedIn(mode: OperationId, judged: JudgedVariant): string | null {
  if (!OPERATIONS[mode].alwaysCausal || allowsCausal(judged, true)) return null;
  return whyUndefined(judged, { causal: true, mode }, shapeOf({ batch: 1, heads: 1, length: 1, headDim: 1 }));
}

function throughGate(
  checking: CheckContext,
  seen: ThreadsSeen,
): (subject: Checked) => Promise<string | null> {
  const { seed, kernels, dtype, patience_s, now } = checking;
  const problemAt = (subject: Checked) => ({ ...problemOf(subject), ...dtypeField(dtype) });
  const judge = (subject: Checked): ReturnType<typeof prepareCase> => {
    const { kernel } = subject;
    const problem = problemAt(subject);
    const output = guardedOutput(outputCount(outputsOf(problem)));
    const places = rowsToCheck(problem, seed);
    const second = secondKernel(kernels, kernel.id);
    const context = { places, fullRows: null, seed, output, second, patience_s, timesPreparing: false, now };
    return prepareCase(problem, kernel, context);
  };
  return async (subject) => {
    const { kernel, shape } = subject;
    const first = await judge(subject);
    // Of a gradient peaked scores may leave nothing but roundings, whatever the kernel: the shape is told by ordinary ones.
    const result = first.outcome === "unproven" ? await judge(unpeaked(subject, checking)) : first;
    if (result.outcome !== "green") return result.reason;
    if (result.elsewhere?.isElsewhere === true) seen.tell([placeRemark(kernel)]);
    if (!isCalledAgain(shape)) {
      result.runnable.dispose();
      return null;
    }
    try {
      const again = await callGreenAgain(kernel, result, leastPass(problemAt(subject)), 1);
      seen.add(again.threadsSeen);
      seen.tell(again.remarks);
      return again.fault === null ? null : `verification: ${again.fault}`;
    } finally {
      discard(result.runnable);
    }
  };
}
