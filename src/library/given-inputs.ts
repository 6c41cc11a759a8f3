import { printable } from "../core/errors.ts";
import { LAYER_WEIGHTS } from "../core/layer-names.ts";
import type { Shape } from "../core/shape.ts";
import { nameInFiles, type TensorSpec } from "../core/tensor-spec.ts";
import type { InputSource } from "../core/tensors.ts";
import { findVariant, parameterize } from "../core/variant.ts";
import { nonFiniteTensor } from "../input/non-finite.ts";
import { callOfCase } from "../mechanisms/call-of-case.ts";
import { DOUT } from "../mechanisms/gradient/declare.ts";
import type { Judged } from "../mechanisms/judged.ts";
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
  const given = new Map<string, GivenInput>();
  for (const planned of [...cases].sort((a, b) => b.length - a.length)) {
    for (const { name, spec, shape } of declaredBy(planned, source, catalogue)) {
      if (given.has(name) || (source.heldAs?.(name, spec, shape) ?? null) === null) continue;
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
  const declared = cases.flatMap((planned) => declaredBy(planned, source, catalogue));
  const variants = cases.map((planned) =>
    parameterize(findVariant(catalogue.variants, planned.variant), planned.params),
  );
  return [...remarksOn(declared, source), ...gateRemarks(variants, source.call ?? {}, catalogue.kinds)];
}

/**
 * A line for each tensor that is named like one of these inputs, but is not read, such as `linformer.E`; for each input
 * that is missing where others of its variant are given, and is drawn; and for each tensor that is read and not finite.
 */
export function remarksOn(declared: readonly DeclaredInput[], source: InputSource): readonly string[] {
  const { namesBeside = [] } = source;
  const inputs = new Map(declared.map((one) => [one.name, { ...one, heldAs: heldIn(source, one) }]));
  const read = new Set([...inputs.values()].map(({ heldAs }) => heldAs));
  const spaces = Map.groupBy(inputs.values(), ({ name }) => spaceOf(name));
  const unread = namesBeside
    .filter((name) => !read.has(name))
    .flatMap((name) => {
      const instead = [...inputs.values()].filter((one) => namesOf(one).includes(name));
      const like = instead.length > 0 ? instead : name.includes(".") ? spaces.get(spaceOf(name)) : undefined;
      if (like === undefined) return [];
      const names = new Set(like.map((one) => one.heldAs ?? one.name));
      return [
        `input: ${printable(name, 60)} is read by no variant; what is read is ${[...names].join(", ")}`,
      ];
    });
  const drawn = [...spaces.values()]
    .filter((all) => all.some(({ heldAs }) => heldAs !== null))
    .flatMap((all) => all.filter(({ heldAs, name }) => heldAs === null && name !== DOUT))
    .flatMap((one) => {
      const { instead = "drawn" } = one.spec;
      if (instead === null) return [];
      const [name, ...others] = namesOf(one);
      const also = others.length === 0 ? "" : ` (nor ${others.join(", ")})`;
      return [`input: it holds no ${name}${also}, which is ${instead} instead`];
    });
  const all = [...inputs.values()];
  return [...unread, ...drawn, ...noDout(all, source), ...noWeights(all, source), ...notFinite(all, source)];
}

/** Tensors of the input, by their names there, that weights are read from and that hold NaN or an infinity. */
function notFinite(
  inputs: ReadonlyArray<DeclaredInput & { readonly heldAs: string | null }>,
  source: InputSource,
): readonly string[] {
  // What has a domain was checked to be in it, which may have an end that is infinite.
  const free = inputs.filter(({ spec }) => spec.must === undefined);
  const tensors = Map.groupBy(free, ({ heldAs }) => heldAs);
  return [...tensors].flatMap(([tensor, readFrom]) => {
    if (tensor === null) return [];
    const parts = readFrom.flatMap(({ name, spec, shape }) => source.named?.(name, spec, shape) ?? []);
    const told = nonFiniteTensor(printable(tensor, 60), parts);
    return told === null ? [] : [`input: ${told}`];
  });
}

/**
 * What to say where one variant is applied to a captured file that holds none of its weights: a run that measures many
 * needs none, but an output is of whatever weights were drawn. Null if it holds some, or nothing is learned.
 */
export function allDrawn(
  declared: readonly DeclaredInput[],
  source: InputSource,
  variant: string,
): string | null {
  const learned = declared.filter(
    ({ name, spec }) => spec.of === "weights" && spec.instead !== null && spaceOf(name) !== "layer",
  );
  const [only, ...others] = learned.map(({ name }) => name);
  const isHeld = learned.some((one) => heldIn(source, one) !== null);
  if (source.fixed === undefined || only === undefined || isHeld) return null;
  const names =
    others.length === 0 ? `no ${only}, which is` : `none of ${[only, ...others].join(", ")}, which are`;
  return `input: it holds ${names} drawn instead; 'attnbench show ${variant} --weights' says what the file may hold`;
}

/** A file of a call without what its gradients are taken along: they are of a loss that nobody has. */
function noDout(
  inputs: ReadonlyArray<DeclaredInput & { readonly heldAs: string | null }>,
  { fixed }: InputSource,
): readonly string[] {
  const isMissing = inputs.some(({ name, heldAs }) => name === DOUT && heldAs === null);
  if (fixed === undefined || !isMissing) return [];
  return [`input: it holds no ${DOUT}, along which gradients are taken, and which is drawn instead`];
}

/** A file of a layer's tokens without any of its weights, which says nothing of a layer that was trained. */
function noWeights(
  inputs: ReadonlyArray<DeclaredInput & { readonly heldAs: string | null }>,
  { fixed }: InputSource,
): readonly string[] {
  const weights = inputs.filter(({ name }) => name === LAYER_WEIGHTS.output.matrix);
  const isHeld = inputs.some(({ name, heldAs }) => spaceOf(name) === "layer" && heldAs !== null);
  if (fixed === undefined || weights.length === 0 || isHeld) return [];
  return ["input: it holds no weights of a layer, which are all drawn instead"];
}

/** The tensors of an input that these are read from, each once. */
export function heldBy(declared: readonly DeclaredInput[], source: InputSource): readonly string[] {
  const held = declared.map((one) => heldIn(source, one)).filter((name) => name !== null);
  return [...new Set(held)];
}

function heldIn(source: InputSource, { name, spec, shape }: DeclaredInput): string | null {
  return source.heldAs?.(name, spec, shape) ?? null;
}

/** Every name that it may have in a file, its own first. */
function namesOf({ name, spec, shape }: DeclaredInput): readonly string[] {
  return [name, ...(spec.elsewhere?.(shape) ?? []).map((one) => one.name)];
}

function spaceOf(name: string): string {
  return name.slice(0, Math.max(0, name.indexOf(".")));
}

/** An input besides q, k and v that a variant has in a call. */
export interface DeclaredInput {
  /** As files have it. */
  readonly name: string;
  readonly spec: TensorSpec;
  /** Of the call. */
  readonly shape: Shape;
}

function declaredBy(
  planned: PlannedCase,
  { call }: InputSource,
  { variants, kinds }: LoadedCatalogue,
): readonly DeclaredInput[] {
  const variant = parameterize(findVariant(variants, planned.variant), planned.params);
  const judged = kinds.under(variant, callOfCase(planned, call));
  const { shape } = taskOfCase(planned, judged.mechanism);
  return declaredIn(judged, shape);
}

/** What a variant has besides q, k and v in a call of this shape. */
export function declaredIn({ kind, mechanism }: Judged, shape: Shape): readonly DeclaredInput[] {
  const specs = Object.entries(kind.inputs?.(mechanism) ?? {});
  return specs.map(([name, spec]) => ({ name: nameInFiles(name, spec), spec, shape }));
}
