import { printable } from "../core/errors.ts";
import type { Shape } from "../core/shape.ts";
import { nameInFiles, type TensorSpec } from "../core/tensor-spec.ts";
import type { InputSource } from "../core/tensors.ts";
import { findVariant, parameterize } from "../core/variant.ts";
import { callOfCase } from "../mechanisms/call-of-case.ts";
import { taskOfCase } from "../record/schema/case-task.ts";
import type { Plan, PlannedCase } from "../record/schema/result-lines.ts";
import type { LoadedCatalogue } from "./catalogue.ts";
import { gateRemarks } from "./gate-remarks.ts";

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
    for (const { name, spec, shape } of declaredBy(planned, source, catalogue)) {
      if (!held.has(name) || given.has(name)) continue;
      const read = () => source.named?.(name, spec, shape) ?? new Float32Array();
      given.set(name, { name, variant: planned.variant, read });
    }
  }
  return [...given.values()];
}

/** What is to be said of the tensors of a plan's input that are, or might be meant as, inputs of its variants. */
export function inputRemarks(
  { cases }: Pick<Plan, "cases">,
  source: InputSource,
  catalogue: LoadedCatalogue,
): readonly string[] {
  const declared = cases.flatMap((planned) => declaredBy(planned, source, catalogue).map(({ name }) => name));
  const variants = cases.map((planned) =>
    parameterize(findVariant(catalogue.variants, planned.variant), planned.params),
  );
  return [...remarksOn(declared, source), ...gateRemarks(variants, source.call ?? {}, catalogue.kinds)];
}

/**
 * A line for each tensor that is named like one of these inputs, but is none, such as `linformer.E`; and for each input
 * that is missing where others of its variant are given, and is drawn.
 */
export function remarksOn(declared: Iterable<string>, { namesBeside = [] }: InputSource): readonly string[] {
  const known = new Set(declared);
  const held = new Set(namesBeside);
  const spaces = Map.groupBy(known, spaceOf);
  const unread = namesBeside
    .filter((name) => name.includes(".") && !known.has(name))
    .flatMap((name) => {
      const like = spaces.get(spaceOf(name));
      if (like === undefined) return [];
      return [`input: ${printable(name, 60)} is read by no variant; what is read is ${like.join(", ")}`];
    });
  const drawn = [...spaces.values()]
    .filter((names) => names.some((name) => held.has(name)))
    .flatMap((names) => names.filter((name) => !held.has(name)))
    .map((name) => `input: it holds no ${name}, which is drawn instead`);
  return [...unread, ...drawn];
}

function spaceOf(name: string): string {
  return name.slice(0, Math.max(0, name.indexOf(".")));
}

interface Declared {
  readonly name: string;
  readonly spec: TensorSpec;
  readonly shape: Shape;
}

function declaredBy(
  planned: PlannedCase,
  { call }: InputSource,
  { variants, kinds }: LoadedCatalogue,
): Declared[] {
  const variant = parameterize(findVariant(variants, planned.variant), planned.params);
  const judged = kinds.under(variant, callOfCase(planned, call));
  const { shape } = taskOfCase(planned, judged.mechanism);
  const specs = Object.entries(judged.kind.inputs?.(judged.mechanism) ?? {});
  return specs.map(([name, spec]) => ({ name: nameInFiles(name, spec), spec, shape }));
}
