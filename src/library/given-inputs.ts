import { printable } from "../core/errors.ts";
import type { Shape } from "../core/shape.ts";
import { nameInFiles, type TensorSpec } from "../core/tensor-spec.ts";
import type { InputSource } from "../core/tensors.ts";
import { findVariant, parameterize } from "../core/variant.ts";
import { taskOfCase } from "../record/schema/case-task.ts";
import type { Plan, PlannedCase } from "../record/schema/result-lines.ts";
import type { LoadedCatalogue } from "./catalogue.ts";

/** An input besides q, k and v, such as a variant's weights, that a plan takes from its own input. */
export interface GivenInput {
  readonly name: string;
  readonly variant: string;
  /** Its numbers for the longest case that takes it. Refuses a tensor that does not fit. */
  read(): Float32Array;
}

/** The inputs besides q, k and v that are taken from the input of a plan, each name once. */
export function givenInputs(
  { cases }: Pick<Plan, "cases">,
  source: InputSource,
  catalogue: LoadedCatalogue,
): readonly GivenInput[] {
  const held = new Set(source.namesBeside ?? []);
  const given = new Map<string, GivenInput>();
  for (const planned of [...cases].sort((a, b) => b.length - a.length)) {
    for (const { name, spec, shape } of declaredBy(planned, catalogue)) {
      if (!held.has(name) || given.has(name)) continue;
      const read = () => source.named?.(name, spec, shape) ?? new Float32Array();
      given.set(name, { name, variant: planned.variant, read });
    }
  }
  return [...given.values()];
}

/**
 * A line for each tensor of the input that is named like an input of a variant of the plan, but is none, such
 * as `linformer.E`.
 */
export function unreadInputs(
  { cases }: Pick<Plan, "cases">,
  source: InputSource,
  catalogue: LoadedCatalogue,
): readonly string[] {
  const known = new Set<string>();
  for (const planned of cases) for (const { name } of declaredBy(planned, catalogue)) known.add(name);
  const spaces = Map.groupBy(known, spaceOf);
  return (source.namesBeside ?? []).flatMap((name) => {
    const like = spaces.get(spaceOf(name));
    if (known.has(name) || like === undefined || !name.includes(".")) return [];
    return [`input: ${printable(name, 60)} is read by no variant; what is read is ${like.join(", ")}`];
  });
}

function spaceOf(name: string): string {
  return name.slice(0, Math.max(0, name.indexOf(".")));
}

interface Declared {
  readonly name: string;
  readonly spec: TensorSpec;
  readonly shape: Shape;
}

function declaredBy(planned: PlannedCase, { variants, kinds }: LoadedCatalogue): Declared[] {
  const judged = kinds.judged(parameterize(findVariant(variants, planned.variant), planned.params));
  const { shape } = taskOfCase(planned, judged.mechanism);
  const specs = Object.entries(judged.kind.inputs?.(judged.mechanism) ?? {});
  return specs.map(([name, spec]) => ({ name: nameInFiles(name, spec), spec, shape }));
}
