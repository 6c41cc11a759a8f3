import type { CallSettings } from "../core/call-settings.ts";
import { type Dtype, dtypeField } from "../core/dtype.ts";
import { OPERATIONS, type Operation, type OperationId, USUAL_OPERATION } from "../core/operation.ts";
import type { Task } from "../core/problem.ts";
import { shapeOf } from "../core/shape.ts";
import { type ParameterizedVariant, parameterize, type Variant } from "../core/variant.ts";
import type { Simd } from "../kernels/index.ts";
import type { Kernel } from "../kernels/kernel.ts";
import { firstSupporting, supportsMode } from "../kernels/supports-mode.ts";
import { givenEdges, paramsBesideEdges, refuseDrawing } from "../mechanisms/given-edges.ts";
import { givenGates } from "../mechanisms/given-gates.ts";
import type { Kinds } from "../mechanisms/kinds.ts";
import { whyUndefined } from "../mechanisms/why-undefined.ts";
import { judgedTask, workOfCase } from "../mechanisms/work-of-case.ts";
import { BASELINE, isFullAttention } from "../record/schema/baseline.ts";
import {
  alignmentField,
  inputShapeOf,
  layerFields,
  modeField,
  modeOf,
  operationOf,
  shapeFields,
  taskOfCase,
} from "../record/schema/case-task.ts";
import { caseName, identityOf } from "../record/schema/identity.ts";
import type { CaseIdentity, Plan, PlannedCase } from "../record/schema/result-lines.ts";

/** What a run is asked to measure: every variant by every kernel at every length. */
export interface PlanOptions {
  readonly kinds: Kinds;
  readonly variants: ReadonlyArray<{
    readonly variant: Variant;
    readonly overrides: Readonly<Record<string, unknown>>;
  }>;
  /** `auto` is the first kernel that supports the case. */
  readonly kernels: "auto" | readonly Kernel[];
  /** Positions, if tokens are decoded. */
  readonly lengths: readonly number[];
  /** `forward` if omitted. */
  readonly mode?: OperationId;
  /** Those of `lengths` at which the baseline is also decoded by recomputing. */
  readonly recomputed?: readonly number[];
  readonly batch: number;
  readonly heads: number;
  readonly headDim: number;
  /** As many as heads if omitted. */
  readonly kvHeads?: number | undefined;
  /** As many as keys, being the same tokens, if omitted. */
  readonly queries?: number | undefined;
  /** That of a head of q and k if omitted. */
  readonly valueDim?: number | undefined;
  readonly causal: boolean;
  /** What the calls are given besides q, k and v: nothing if omitted. */
  readonly call?: CallSettings;
  readonly threads: number;
  /** float32 if omitted. */
  readonly dtype?: Dtype;
  /** The variant that all others are compared with: full attention if omitted. */
  readonly baseline?: string | undefined;
  readonly input: string;
  /** The names of the input's tensors, if they are not q, k and v. */
  readonly tensors?: string | undefined;
  readonly plugins: readonly string[];
  readonly simd: Simd;
  readonly seed: number;
  readonly rounds: number;
  readonly budgetSeconds: number;
  readonly deadlineSeconds: number;
}

/**
 * Operations per second assumed of a kernel that declares none. Only `--dry-run` and the first skips depend
 * on it.
 */
const ASSUMED_RATE = 4e9;

/**
 * The cases of a run, in a fixed order, as plain frozen JSON: it is written into the results and can be run
 * again.
 */
export function planRun(options: PlanOptions, available: readonly Kernel[]): Plan {
  const { threads, mode = USUAL_OPERATION, recomputed = [] } = options;
  const { alwaysCausal, baselineToo, everyToo, pass } = OPERATIONS[mode];
  const causal = options.causal || alwaysCausal;
  const { scale, mask, edges, gates, layer } = options.call ?? {};
  const { baseline = BASELINE } = options;
  const isUsual = baseline === BASELINE;
  const isCompared = (filled: ParameterizedVariant) => (isUsual ? isFullOf(filled) : filled.id === baseline);
  const cases: PlannedCase[] = [];
  const sizesOf = (length: number) => ({
    ...shapeFields(shapeOf({ ...options, length })),
    causal,
    threads,
    ...{ scale, mask, edges, gates, layer, ...layerFields(layer) },
    ...dtypeField(options.dtype),
  });
  const add = (filled: ParameterizedVariant, kernel: Kernel, length: number): void => {
    const sizes = sizesOf(length);
    cases.push(planCase(filled, kernel, { ...sizes, ...modeField(mode) }, options.kinds));
    if (everyToo !== null)
      cases.push(planCase(filled, kernel, { ...sizes, ...modeField(everyToo) }, options.kinds));
    if (baselineToo === null || !isFullOf(filled) || !recomputed.includes(length)) return;
    cases.push(planCase(filled, kernel, { ...sizes, ...modeField(baselineToo) }, options.kinds));
  };
  const taskOf = (filled: ParameterizedVariant, length: number): Task => {
    const sizes = sizesOf(length);
    const { mechanism } = options.kinds.under(filled, { ...sizes, ...(pass !== null && { pass }) });
    return taskOfCase({ ...sizes, ...modeField(mode) }, mechanism);
  };
  const all = options.variants.map(({ variant, overrides }) => {
    const filled = parameterize(variant, overrides);
    if (givenEdges(filled, { edges }, options.kinds) !== null) refuseDrawing(filled, overrides);
    return filled;
  });
  for (const filled of all) {
    for (const length of options.lengths) {
      const chosen =
        options.kernels === "auto"
          ? [firstSupporting(available, taskOf(filled, length), mode)]
          : options.kernels;
      for (const kernel of chosen) add(filled, kernel, length);
    }
  }
  if (options.kernels === "auto") {
    // Where the baseline is computed by a family that does not take all, the rest is compared with it by its own kernel.
    for (const length of options.lengths) {
      const used = new Set(
        cases.filter((one) => one.length === length && one.unsupported === null).map(({ kernel }) => kernel),
      );
      for (const filled of all.filter(isCompared)) {
        const task = taskOf(filled, length);
        const first = firstSupporting(available, task, mode);
        // Another baseline than full attention may lack the usual family, by which most else is measured.
        if (isUsual && first.supplement !== true) continue;
        const others = available.filter((kernel) => kernel !== first && used.has(kernel.id));
        for (const kernel of others) {
          if (supportsMode(kernel, task, mode) === true) add(filled, kernel, length);
        }
      }
    }
  }
  return deepFreeze({
    seed: options.seed,
    rounds: options.rounds,
    budget_s: options.budgetSeconds,
    deadline_s: options.deadlineSeconds,
    input: options.input,
    ...(options.tensors !== undefined && { tensors: options.tensors }),
    plugins: [...options.plugins],
    simd: options.simd,
    cases,
  });
}

/** One case, with what it costs and whether its kernel supports it. */
export function planCase(
  variant: ParameterizedVariant,
  kernel: Kernel,
  sizes: CaseSizes,
  kinds: Kinds,
): PlannedCase {
  const { mask } = sizes;
  const given = givenEdges(variant, sizes, kinds);
  const one = {
    ...sizes,
    variant: variant.id,
    kernel: kernel.id,
    params: given === null ? { ...variant.params } : paramsBesideEdges(variant),
    given_edges: given?.indices.length,
    given_gates: givenGates(variant, sizes, kinds) ?? undefined,
    // A copy, since the plan is frozen.
    mask: mask && { ...mask },
  };
  const { pass } = operationOf(one);
  const judged = kinds.under(variant, { ...sizes, ...(pass !== null && { pass }) });
  const { usefulFlops } = workOfCase(one, judged);
  const unfit = whyUndefined(judged, sizes, inputShapeOf(one));
  const supported = unfit ?? supportsMode(kernel, judgedTask(one, judged), modeOf(one));
  return {
    // From its sizes, whatever the case is called in the file.
    ...identityOf({ ...one, case: caseName(one) }),
    ...alignmentField(one),
    useful_flops: usefulFlops,
    predicted_s: usefulFlops / rateOf(kernel, operationOf(one)) / one.threads,
    unsupported: supported === true ? null : supported,
  };
}

function isFullOf({ id, params }: ParameterizedVariant): boolean {
  return isFullAttention({ variant: id, params });
}

type CaseSizes = Omit<
  CaseIdentity,
  "case" | "variant" | "kernel" | "params" | "scale" | "mask" | "given_edges" | "given_gates"
> &
  CallSettings;

/** A step reads what it multiplies once, and comes nowhere near a kernel's rate for products. */
function rateOf({ assumedRate = ASSUMED_RATE }: Kernel, { keepsState }: Operation): number {
  return keepsState ? Math.min(assumedRate, ASSUMED_RATE) : assumedRate;
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === "object" && part !== null) deepFreeze(part);
  return Object.freeze(value);
}
