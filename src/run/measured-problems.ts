import { type Dtype, dtypeField } from "../core/dtype.ts";
import { unknownName } from "../core/errors.ts";
import { outputCount } from "../core/outputs.ts";
import { remembered } from "../core/remembered.ts";
import type { RowPlace } from "../core/rows.ts";
import { elementCount, QKV, type Shape } from "../core/shape.ts";
import { stepWindow } from "../core/step-window.ts";
import { type AttentionInputs, type InputSource, namesIn, tensorNamed } from "../core/tensors.ts";
import { findVariant, parameterize, type Variant } from "../core/variant.ts";
import { type CallTensors, guardedOutput, type Kernel, withOutput } from "../kernels/kernel.ts";
import type { DecodeKernel } from "../kernels/stepper.ts";
import { callInputs, takesTokens } from "../mechanisms/call-inputs.ts";
import { callOfCase } from "../mechanisms/call-of-case.ts";
import type { Judged, JudgedProblem, JudgedTask, JudgedVariant } from "../mechanisms/judged.ts";
import type { Kinds } from "../mechanisms/kinds.ts";
import { withNamed } from "../mechanisms/named-inputs.ts";
import { outputsOf } from "../mechanisms/outputs.ts";
import { judgedTask } from "../mechanisms/work-of-case.ts";
import { yardstickOf } from "../mechanisms/yardstick-of.ts";
import { inputShapeOf, operationOf } from "../record/schema/case-task.ts";
import { identityKey } from "../record/schema/identity.ts";
import type { CaseLine, Plan, PlannedCase } from "../record/schema/result-lines.ts";
import type { DecodeProblem } from "../verify/expect-steps.ts";
import type { FullRows } from "../verify/fidelity.ts";
import { rowsToCheck } from "../verify/gradient-rows.ts";
import type { GateContext } from "../verify/prepare-case.ts";
import { stepRows } from "../verify/rows.ts";
import { secondKernel } from "../verify/second-opinion.ts";
import { fidelityOn } from "./fidelity-on.ts";
import { rowsOfFull } from "./rows-of-full.ts";
import type { OnInput } from "./run-context.ts";

/**
 * Turns planned cases into problems. Inputs, the output and the rows of full attention are shared by cases of
 * one shape.
 */
export class MeasuredProblems {
  readonly #plan: Plan;
  readonly #registry: Registry;
  readonly #tensors = new Map<string, CallTensors>();
  /** The same with outputs of other sizes. */
  readonly #outputs = new Map<string, CallTensors>();
  readonly #ofVariants = new Map<string, OfVariant>();
  readonly #fullRows = new Map<string, FullRows | null>();
  /** Those whose errors on workloads are known. */
  readonly #told = new Set<string>();

  constructor(plan: Plan, registry: Registry) {
    this.#plan = plan;
    this.#registry = registry;
  }

  /**
   * The errors of a case on the plan's workloads, for the first case of each mathematics that is asked about; null for
   * others, and if there are none.
   */
  fidelityOn(planned: PlannedCase): CaseLine["fidelity_on"] | null {
    const { workloads: inputs = [], variants, kinds, source } = this.#registry;
    // A gradient approximates nothing; what its output does is told of the forward pass.
    if (operationOf(planned).pass !== null) return null;
    const key = identityKey(planned, ["length", "kernel", "threads", "batch", "queries"]);
    if (inputs.length === 0 || this.#plan.workloads === undefined || this.#told.has(key)) return null;
    this.#told.add(key);
    const { seed, workloads } = this.#plan;
    const errors = fidelityOn(planned, findVariant(variants, planned.variant), kinds, {
      length: workloads.length,
      inputs,
      seed,
      measured: source,
    });
    return errors.length === 0 ? null : errors;
  }

  get sourceName(): string {
    return this.#registry.source.name;
  }

  variant(planned: PlannedCase): { variant: Variant; filled: JudgedVariant } {
    const variant = findVariant(this.#registry.variants, planned.variant);
    const call = callOfCase(planned, this.#registry.source.call);
    return { variant, filled: this.#registry.kinds.under(parameterize(variant, planned.params), call) };
  }

  of(planned: PlannedCase): { problem: JudgedProblem; kernel: Kernel; gateContext: GateContext } {
    const { now, patience_s } = this.#registry;
    const kernel = this.#kernel(planned);
    const shape = inputShapeOf(planned);
    const { mechanism, kind } = this.variant(planned).filled;
    const numbers = dtypeField(planned.dtype);
    const judged = { mechanism, kind, ...numbers };
    const shared = this.#shared(judged, shape);
    const count = outputCount(outputsOf({ ...judged, shape }));
    const { q, k, v, allocate, output } = remembered(
      this.#outputs,
      `${tensorsKey(judged, shape)} ${count}`,
      () => withOutput(shared, count),
    );
    const { seed } = this.#plan;
    const problem: JudgedProblem = {
      mechanism,
      kind,
      shape,
      causal: planned.causal,
      threads: planned.threads,
      ...numbers,
      inputs: this.#named(planned, { ...judged, shape }, { shape, q, k, v }, allocate),
    };
    const places = this.#places(planned);
    const fullRows = remembered(this.#fullRows, fullRowsKey(planned, problem), () =>
      rowsOfFull(problem, places, planned),
    );
    return {
      problem,
      kernel,
      gateContext: {
        places,
        fullRows,
        seed,
        // A lost device may answer after the next case has begun, and must not write into its output.
        output: kernel.open === undefined ? output : guardedOutput(output.length),
        second: this.#second(planned),
        patience_s,
        now,
      },
    };
  }

  /** The rows to verify, in all heads. */
  rowsOf(planned: PlannedCase): number {
    return this.#places(planned).length;
  }

  /** What a case is asked to compute, and the rows of it to verify. */
  askedOf(planned: PlannedCase): { readonly task: JudgedTask; readonly places: readonly RowPlace[] } {
    return { task: judgedTask(planned, this.variant(planned).filled), places: this.#places(planned) };
  }

  #places(planned: PlannedCase): RowPlace[] {
    const shape = inputShapeOf(planned);
    const { seed } = this.#plan;
    if (!operationOf(planned).keepsState)
      return rowsToCheck(judgedTask(planned, this.variant(planned).filled), seed);
    return stepRows(shape, stepWindow(planned.length).steps, seed);
  }

  /** A case that decodes; `of` gives those that do not. */
  decodeOf(planned: PlannedCase): {
    problem: DecodeProblem;
    kernel: DecodeKernel;
    gateContext: Omit<GateContext, "output">;
  } {
    const { decode } = this.#kernel(planned);
    if (decode === undefined) throw new TypeError(`kernel ${planned.kernel}: decode is missing`);
    const shape = inputShapeOf(planned);
    const task = judgedTask(planned, this.variant(planned).filled);
    const { q, k, v } = this.#shared(task, shape);
    const position = planned.length;
    const { seed } = this.#plan;
    const inputs = this.#named(planned, task, { shape, q, k, v });
    const problem: DecodeProblem = { ...task, inputs, position };
    const { first } = stepWindow(position);
    const places = this.#places(planned);
    const fullRows = remembered(this.#fullRows, fullRowsKey(planned, problem), () =>
      rowsOfFull(
        problem,
        places.map((place) => ({ ...place, row: first + place.row })),
        planned,
      ),
    );
    const second = this.#second(planned);
    const { now, patience_s } = this.#registry;
    return {
      problem,
      kernel: decode,
      gateContext: { places, fullRows, seed, second, patience_s, now },
    };
  }

  /**
   * Inputs with what the kind has besides q, k and v. Cases of a variant share it: those by other kernels need
   * not draw it again.
   */
  #named(
    planned: PlannedCase,
    judged: Pick<JudgedProblem, "mechanism" | "kind" | "shape" | "dtype">,
    inputs: AttentionInputs,
    allocate?: CallTensors["allocate"],
  ): AttentionInputs {
    const { source } = this.#registry;
    const draw = (from?: CallTensors["allocate"]) =>
      withNamed(judged, inputs, this.#plan.seed, { source, allocate: from });
    const key = namedKey(planned);
    const { named } = remembered(this.#ofVariants, key, () => ({ named: draw(allocate), again: draw }));
    return named;
  }

  #second({ kernel }: PlannedCase): Kernel | null {
    return secondKernel(this.#registry.kernels, kernel);
  }

  #kernel(planned: PlannedCase): Kernel {
    const { kernels } = this.#registry;
    const kernel = kernels.find(({ id }) => id === planned.kernel);
    if (kernel !== undefined) return kernel;
    throw unknownName(
      "kernel",
      planned.kernel,
      kernels.map(({ id }) => id),
    );
  }

  /** Undoes what a refused kernel may have done to the inputs that cases of one shape share. */
  restoreInputs(planned: PlannedCase): void {
    const shape = inputShapeOf(planned);
    const asked = { ...this.variant(planned).filled, ...dtypeField(planned.dtype) };
    const shared = this.#tensors.get(tensorsKey(asked, shape));
    if (shared === undefined) return;
    const fresh = callInputs(asked, this.#registry.source, shape);
    for (const name of QKV) shared[name].set(fresh[name]);
    const ofVariant = this.#ofVariants.get(namedKey(planned));
    if (ofVariant === undefined || namesIn(ofVariant.named).length === QKV.length) return;
    const again = ofVariant.again();
    for (const name of namesIn(again)) {
      const [to, from] = [ofVariant.named, again].map((inputs) => tensorNamed(inputs, name));
      if (to !== from) to.set(from);
    }
  }

  /** The inputs that cases of one shape share. */
  #shared(judged: Asked, shape: Shape): CallTensors {
    return remembered(this.#tensors, tensorsKey(judged, shape), () => this.#filled(judged, shape));
  }

  /** The inputs of a shape, in arrays that a kernel of the plan reads in place, if there is one. */
  #filled(judged: Asked, shape: Shape): CallTensors {
    const inputs = callInputs(judged, this.#registry.source, shape);
    const tensors = this.#allocated(shape);
    if (tensors === null) return { ...inputs, output: guardedOutput(elementCount(shape, "output")) };
    for (const name of QKV) tensors[name].set(inputs[name]);
    return tensors;
  }

  #allocated(shape: Shape): CallTensors | null {
    const key = JSON.stringify(shape);
    const supporting = this.#plan.cases.filter((one) => {
      return one.unsupported === null && JSON.stringify(inputShapeOf(one)) === key;
    });
    const ids = new Set(supporting.map(({ kernel }) => kernel));
    const kernel = this.#registry.kernels.find(({ id, allocate }) => ids.has(id) && allocate !== undefined);
    try {
      return kernel?.allocate?.(shape) ?? null;
    } catch {
      // It has no room even for these: it will say so when it prepares a call, and others may still have
      // some.
      return null;
    }
  }
}

/** What is computed, and in what numbers. */
type Asked = Judged & { readonly dtype?: Dtype };

/** The inputs of a variant's cases, and the same drawn once more. */
interface OfVariant {
  readonly named: AttentionInputs;
  again(): AttentionInputs;
}

/** Equal in cases that have the same q, k and v. */
function tensorsKey(judged: Asked, shape: Shape): string {
  return JSON.stringify([shape, takesTokens(judged), judged.dtype ?? null]);
}

/** Equal in cases that have the same inputs besides q, k and v. */
function namedKey(planned: PlannedCase): string {
  return identityKey(planned, ["causal", "kernel", "threads"]);
}

interface Registry {
  readonly kinds: Kinds;
  readonly variants: readonly Variant[];
  readonly kernels: readonly Kernel[];
  readonly source: InputSource;
  readonly workloads?: readonly OnInput[] | undefined;
  readonly patience_s?: number | undefined;
  now(): number;
}

/** Equal in cases whose rows of `rowsOfFull` are the same: what computes them changes nothing. */
function fullRowsKey(planned: PlannedCase, judged: Judged): string {
  const shared = identityKey(planned, [
    "variant",
    "params",
    "given_edges",
    "given_gates",
    "kernel",
    "threads",
  ]);
  return JSON.stringify([shared, yardstickOf(judged)?.text ?? null]);
}
