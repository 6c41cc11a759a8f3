import fc, { type Arbitrary } from "fast-check";
import type { GivenGates } from "../../src/core/call-settings.ts";
import type { Mechanism } from "../../src/core/mechanism.ts";
import type { Parameters, ParameterValue } from "../../src/core/parameters.ts";
import { ANY_SHAPE, type Shape, type ShapeFreedom, shapeOf, whyNotShape } from "../../src/core/shape.ts";
import { parameterize, type Variant } from "../../src/core/variant.ts";
import { type SyntheticKind, syntheticSource } from "../../src/input/synthetic.ts";
import type { Kernel } from "../../src/kernels/kernel.ts";
import { supportsPass } from "../../src/kernels/supports-mode.ts";
import { isFeatureMap } from "../../src/mechanisms/feature-map/declare.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { withNamed } from "../../src/mechanisms/named-inputs.ts";
import { isSoftmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { isSummary } from "../../src/mechanisms/summary/declare.ts";
import { type Forms, formsOf, whyNotForms } from "../../src/pairwise/forms.ts";
import { variants } from "../../variants/index.ts";
import { patternIn } from "../mechanisms/judge.ts";

/** Lengths on both sides of a tile and of a chunk, and all between. */
const tokens = fc.oneof(fc.integer({ min: 1, max: 150 }), fc.constantFrom(1, 2, 31, 32, 33, 63, 64, 65, 129));

export const shapes: Arbitrary<Shape> = alsoUnlike(
  fc
    .record({
      batch: fc.integer({ min: 1, max: 3 }),
      heads: fc.integer({ min: 1, max: 3 }),
      length: tokens,
      headDim: fc.integer({ min: 1, max: 40 }),
    })
    .map(shapeOf),
);

/** The same shapes, of which about every third takes each of these freedoms. */
export function alsoUnlike(
  of: Arbitrary<Shape>,
  freedoms: readonly ShapeFreedom[] = ANY_SHAPE,
): Arbitrary<Shape> {
  const sometimes = <Value>(
    freedom: ShapeFreedom,
    unlike: Arbitrary<Value>,
    usual: Value,
  ): Arbitrary<Value> =>
    freedoms.includes(freedom)
      ? fc.oneof({ weight: 2, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: unlike })
      : fc.constant(usual);
  return of.chain((shape) =>
    fc
      .record({
        readers: sometimes("kvHeads", fc.integer({ min: 2, max: 3 }), 1),
        queries: sometimes("queries", queriesFor(shape.length), shape.length),
        valueDim: sometimes("valueDim", fc.integer({ min: 1, max: shape.headDim + 9 }), shape.headDim),
      })
      .map(({ readers, queries, valueDim }) =>
        shapeOf({ ...shape, heads: readers * shape.heads, kvHeads: shape.heads, queries, valueDim }),
      ),
  );
}

/** Mostly fewer than keys: few patterns say anything of more. */
function queriesFor(length: number): Arbitrary<number> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: 1, max: length }) },
    { weight: 1, arbitrary: fc.integer({ min: length + 1, max: length + 80 }) },
  );
}

/** Mostly the usual one; others as models with scaled or normalised queries have them. */
const scales = fc.oneof(
  { weight: 2, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.double({ min: 0.01, max: 2, noNaN: true }) },
);

/** Mostly those that are made of k; others as a call may have them. */
const gates: Arbitrary<GivenGates> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.record(
      {
        g: fc.constantFrom("token", "channel"),
        beta: fc.constant("token"),
        dt: fc.constant("token"),
      },
      { requiredKeys: [] },
    ),
  },
);

const kinds = fc.constantFrom<SyntheticKind>("gaussian", "peaked", "local");

/** Small values of every parameter, so that patterns are sparse at a hundred tokens; sometimes the defaults. */
function fillings({ variant, forced }: Choice, formed: boolean): Arbitrary<Mechanism> {
  const small = fc.record(valuesOf(variant.params)).filter((values) => isAllowed(variant, values));
  const either = fc.oneof({ weight: 4, arbitrary: small }, { weight: 1, arbitrary: fc.constant({}) });
  return fc
    .tuple(either, formed ? formsFor(variant) : fc.constant({}))
    .map(([values, forms]) => ({ ...values, ...forms, ...forced }))
    .filter((values) => isAllowed(variant, values))
    .map((values) => parameterize(variant, values).mechanism);
}

/** What may be written for each form. */
const FORM_TEXTS: Readonly<Record<string, readonly string[]>> = {
  score: ["additive:1", "gat", "gat:3:-0.5", "gatv2:2:0.5", "gatv2:0:1.5"],
  bias: ["alibi", "t5:6:9:1", "window:5:3"],
  turn: ["rope", "rope:half:50"],
  normaliser: ["relu", "relu:0", "sigmoid", "sigmoid:-1.5", "sink", "sink:-2"],
};

/** Any forms together, as often as not none of a kind. */
export const anyForms: Arbitrary<Forms> = fc
  .record(
    Object.fromEntries(
      Object.entries(FORM_TEXTS).map(([name, texts]) => [name, fc.option(fc.constantFrom(...texts))]),
    ),
  )
  .map((texts) => formsOf(texts));

/** Mostly no form; otherwise some of those that a variant can be given. */
function formsFor({ forms = {} }: Variant): Arbitrary<Record<string, string>> {
  const each = Object.keys(forms).map((name): [string, Arbitrary<string>] => [
    name,
    fc.oneof(
      { weight: 2, arbitrary: fc.constant("none") },
      { weight: 1, arbitrary: fc.constantFrom(...FORM_TEXTS[name]) },
    ),
  ]);
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.record(Object.fromEntries(each)) },
  );
}

function valuesOf(params: Parameters): Record<string, Arbitrary<ParameterValue>> {
  return Object.fromEntries(
    Object.entries(params).map(([name, parameter]): [string, Arbitrary<ParameterValue>] => {
      if ("choices" in parameter) return [name, fc.constantFrom(...parameter.choices)];
      if ("form" in parameter) return [name, fc.constantFrom(parameter.default, parameter.probe)];
      const { integer, least, optional } = parameter;
      const value = integer
        ? // The side of a kernel is squared, and each of its places may be a head.
          fc.integer({ min: least, max: least + (name === "kernel" ? 2 : 9) })
        : fc.double({ min: 1e-9, max: 1, noNaN: true });
      return [name, optional ? fc.option(value) : value];
    }),
  );
}

/** A union whose parts are all switched off is refused. */
function isAllowed(variant: Variant, values: Readonly<Record<string, unknown>>): boolean {
  try {
    parameterize(variant, values);
    return true;
  } catch {
    return false;
  }
}

/** A problem of its own inputs, of one thread. */
export function problemOf(
  mechanism: Mechanism,
  shape: Shape,
  causal: boolean,
  kind: SyntheticKind = "gaussian",
  seed = 1,
): JudgedProblem {
  const judged = builtInKinds.judged({ mechanism });
  const inputs = withNamed(judged, syntheticSource(kind, seed).inputs(shape), seed);
  return { ...judged, shape, causal, threads: 1, inputs };
}

/**
 * Problems of any built-in variant in any form, shape and input, or of those among them that a kernel takes.
 */
export function problemsFor(kernel: Kernel | null, of: Arbitrary<Shape> = shapes): Arbitrary<JudgedProblem> {
  return problemsOf(kernel, of, true);
}

/** The same of variants without any form, of which operations and scratch are counted by hand. */
export function plainProblemsFor(kernel: Kernel, of: Arbitrary<Shape> = shapes): Arbitrary<JudgedProblem> {
  return problemsOf(kernel, of, false).filter(({ mechanism }) => whyNotForms(mechanism) === null);
}

function problemsOf(kernel: Kernel | null, of: Arbitrary<Shape>, formed: boolean): Arbitrary<JudgedProblem> {
  const choices = choicesFor(kernel);
  return fc
    .constantFrom(...choices)
    .chain((choice) =>
      fc
        .tuple(fillings(choice, formed), of, kinds, fc.nat(), scales, gates)
        .map(([plain, shape, kind, seed, scale, given]) => {
          const { mechanism } = builtInKinds.under({ mechanism: plain }, { gates: given });
          return problemOf(scaled(mechanism, scale), shape, choice.causal, kind, seed);
        }),
    )
    .filter((problem) => isDefined(problem) && (kernel === null || supportsPass(kernel, problem) === true));
}

/** A variant that a kernel takes, and the form with which it does. */
interface Choice {
  readonly variant: Variant;
  readonly causal: boolean;
  readonly forced: Readonly<Record<string, string>>;
}

/** Variants as they are, or those with a form where a kernel takes none without. */
function choicesFor(kernel: Kernel | null): readonly Choice[] {
  const probe: Shape = shapeOf({ batch: 1, heads: 1, length: 64, headDim: 16 });
  const taken = (variant: Variant, forced: Choice["forced"]): Choice[] =>
    [false, true]
      .filter((causal) => {
        if (!isAllowed(variant, forced)) return false;
        const { mechanism } = parameterize(variant, forced);
        return (
          kernel === null || supportsPass(kernel, { mechanism, shape: probe, causal, threads: 1 }) === true
        );
      })
      .map((causal) => ({ variant, causal, forced }));
  const plain = variants.flatMap((variant) => taken(variant, {}));
  if (plain.length > 0) return plain;
  return variants.flatMap((variant) =>
    Object.keys(variant.forms ?? {}).flatMap((name) =>
      FORM_TEXTS[name].flatMap((text) => taken(variant, { [name]: text })),
    ),
  );
}

/** The mechanism with a scale, if its mathematics has one. */
function scaled(mechanism: Mechanism, scale: number | undefined): Mechanism {
  const { kind } = builtInKinds.judged({ mechanism });
  if (kind.whyNotUnder(mechanism, { scale }) !== null) return mechanism;
  return builtInKinds.under({ mechanism }, { scale }).mechanism;
}

/** Whether the mathematics of a problem says anything of its shape. */
export function isDefined({ kind, mechanism, shape }: JudgedProblem): boolean {
  return (whyNotShape(shape, kind.freedoms) ?? kind.whyNotShape?.(mechanism, shape) ?? null) === null;
}

/** What fast-check prints of a problem that fails: all that makes it again. */
export function describeProblem({ mechanism, shape, causal }: JudgedProblem): string {
  const where = `${JSON.stringify(shape)}${causal ? " causal" : ""}`;
  if (!isSoftmaxPattern(mechanism)) return `${whatOf(mechanism)} ${where}`;
  const { scale = "1/√d", score, bias, turn, normaliser } = mechanism;
  const forms = JSON.stringify({ score, bias: bias?.text, turn, normaliser });
  return `${patternIn(mechanism).text} ${where} scale ${scale} ${forms}`;
}

function whatOf(mechanism: Mechanism): string {
  if (isFeatureMap(mechanism)) return mechanism.feature.kind ?? mechanism.feature.id;
  return isSummary(mechanism) ? mechanism.text : JSON.stringify(mechanism);
}

/** Where numbers that are not finite go: in q, k or v, counted round and round its numbers. */
export const nonFinitePlants = fc.array(
  fc.tuple(
    fc.constantFrom("q", "k", "v"),
    fc.nat(),
    fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  ),
  { minLength: 1, maxLength: 4 },
);

type Plants = typeof nonFinitePlants extends Arbitrary<infer T> ? T : never;

/**
 * The problem on inputs of its own, in which these numbers stand. In q and k of positive random features infinities are NaN:
 * all exponents of an infinite key may be -∞, and whether that weighs nothing or is a difference of infinities is left open.
 */
export function withPlants(problem: JudgedProblem, plants: Plants): JudgedProblem {
  const { q, k, v } = problem.inputs;
  const inputs = { ...problem.inputs, q: q.slice(), k: k.slice(), v: v.slice() };
  for (const [name, at, value] of plants) {
    const isOpen = name !== "v" && isFavor(problem);
    inputs[name][at % inputs[name].length] = isOpen ? Number.NaN : value;
  }
  return { ...problem, inputs };
}

function isFavor({ mechanism }: JudgedProblem): boolean {
  return isFeatureMap(mechanism) && mechanism.feature.kind === "favor";
}
