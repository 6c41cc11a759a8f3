import { unknownName } from "../core/errors.ts";
import type { Problem } from "../core/problem.ts";
import type { Plan, PlannedCase } from "../core/result-lines.ts";
import { checkShape, elementCount, type Shape } from "../core/shape.ts";
import type { AttentionInputs, InputSource } from "../core/tensors.ts";
import { findVariant, type ParameterizedVariant, parameterize, type Variant } from "../core/variant.ts";
import { guardedOutput, type Kernel } from "../kernels/kernel.ts";
import { float64 } from "../reference/precision.ts";
import { fullReference } from "../reference/reference.ts";
import { gateRows, type RowPlace } from "./gate-rows.ts";
import type { GateContext } from "./prepare-case.ts";

/** Turns planned cases into problems. Inputs, outputs and the rows of full attention are shared by cases of one shape. */
export class MeasuredProblems {
  readonly #plan: Plan;
  readonly #registry: Registry;
  readonly #inputs = new Map<string, AttentionInputs>();
  readonly #outputs = new Map<number, Float32Array>();
  readonly #fullRows = new Map<string, readonly Float64Array[]>();

  constructor(plan: Plan, registry: Registry) {
    this.#plan = plan;
    this.#registry = registry;
  }

  get sourceName(): string {
    return this.#registry.source.name;
  }

  variant(planned: PlannedCase): { variant: Variant; filled: ParameterizedVariant } {
    const variant = findVariant(this.#registry.variants, planned.variant);
    return { variant, filled: parameterize(variant, planned.params) };
  }

  of(planned: PlannedCase): { problem: Problem; kernel: Kernel; gateContext: GateContext } {
    const { kernels, now } = this.#registry;
    const kernel = kernels.find(({ id }) => id === planned.kernel);
    if (kernel === undefined) {
      throw unknownName(
        "kernel",
        planned.kernel,
        kernels.map(({ id }) => id),
      );
    }
    const shape = shapeOf(planned);
    const problem: Problem = {
      mechanism: this.variant(planned).filled.mechanism,
      shape,
      causal: planned.causal,
      threads: planned.threads,
      inputs: remembered(this.#inputs, JSON.stringify(shape), () => this.#registry.source.inputs(shape)),
    };
    const { seed } = this.#plan;
    const places = gateRows(shape, seed);
    const count = elementCount(shape);
    const output = remembered(this.#outputs, count, () => guardedOutput(count));
    const fullRows = remembered(this.#fullRows, JSON.stringify([shape, planned.causal]), () =>
      rowsOfFull(problem, places),
    );
    return { problem, kernel, gateContext: { places, fullRows, seed, output, now } };
  }

  /** Undoes what a refused kernel may have done to the inputs that cases of one shape share. */
  restoreInputs(planned: PlannedCase): void {
    const shape = shapeOf(planned);
    const shared = this.#inputs.get(JSON.stringify(shape));
    if (shared === undefined) return;
    const fresh = this.#registry.source.inputs(shape);
    for (const name of ["q", "k", "v"] as const) shared[name].set(fresh[name]);
  }
}

interface Registry {
  readonly variants: readonly Variant[];
  readonly kernels: readonly Kernel[];
  readonly source: InputSource;
  now(): number;
}

/** The shape of a planned case. */
export function shapeOf({ batch, heads, length, head_dim }: PlannedCase): Shape {
  return checkShape({ batch, heads, length, headDim: head_dim });
}

/** Rows of full softmax attention on the same inputs, in float64: what fidelity is measured against. */
export function rowsOfFull(problem: Problem, places: readonly RowPlace[]): Float64Array[] {
  const full = fullReference(problem);
  return places.map(({ batch, head, row }) => full(batch, head, row, float64).values);
}

function remembered<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  let value = known.get(key);
  if (value === undefined) {
    value = make();
    known.set(key, value);
  }
  return value;
}
