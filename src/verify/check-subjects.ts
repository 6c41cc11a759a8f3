import { dtypeField } from "../core/dtype.ts";
import { UsageError } from "../core/errors.ts";
import { nextLength } from "../core/next-length.ts";
import { remembered } from "../core/remembered.ts";
import { formatShape, type Shape, shapeOf, withLength } from "../core/shape.ts";
import type { AttentionInputs } from "../core/tensors.ts";
import { parameterize, type Variant } from "../core/variant.ts";
import type { Kernel } from "../kernels/kernel.ts";
import { representable } from "../mechanisms/call-inputs.ts";
import type { JudgedVariant } from "../mechanisms/judged.ts";
import type { Subject } from "../mechanisms/laws/law.ts";
import { withNamed } from "../mechanisms/named-inputs.ts";
import { allowsCausal } from "../mechanisms/why-undefined.ts";
import type { CheckContext } from "./check.ts";
import { isSummed, rowsToCheck } from "./gradient-rows.ts";

/** Lengths that are no multiple of anything, and those on both sides of a tile. */
const LENGTHS = [1, 2, 3, 5, 63, 64, 65, 127, 1000] as const;
const HEAD_DIMS = [1, 7, 8, 20, 64, 80, 128] as const;
/** Taken in turn; only single heads at the longest length, to bound the time. */
const BATCHES_AND_HEADS = [
  [1, 1],
  [2, 3],
  [1, 2],
  [3, 1],
] as const;
/** Shapes of the laws, with small parameters and with the defaults. */
const LAW_SHAPES: readonly Shape[] = [
  shapeOf({ batch: 2, heads: 2, length: 97, headDim: 12 }),
  shapeOf({ batch: 1, heads: 1, length: 33, headDim: 7 }),
];
/** Shapes whose tensors differ, for kernels that declare that they take them. */
const UNLIKE_SHAPES: readonly Shape[] = [
  shapeOf({ batch: 2, heads: 6, kvHeads: 2, length: 97, headDim: 20 }),
  shapeOf({ batch: 1, heads: 4, kvHeads: 1, length: 130, headDim: 64 }),
  shapeOf({ batch: 1, heads: 2, length: 130, headDim: 192, valueDim: 128 }),
  shapeOf({ batch: 1, heads: 2, length: 67, headDim: 7, valueDim: 12 }),
  shapeOf({ batch: 2, heads: 2, length: 150, queries: 1, headDim: 16 }),
  shapeOf({ batch: 1, heads: 2, length: 150, queries: 67, headDim: 16 }),
  shapeOf({ batch: 1, heads: 2, length: 33, queries: 130, headDim: 16 }),
  shapeOf({ batch: 2, heads: 4, kvHeads: 2, length: 140, queries: 70, headDim: 24, valueDim: 9 }),
];
/** For a kernel that supports neither: the first of these shapes that it supports. */
const OTHER_LENGTHS = [97, 128, 64, 256, 512, 16, 1024] as const;
const OTHER_HEAD_DIMS = [64, 128, 32, 16, 8, 80, 96, 40, 48, 256, 4, 2, 1] as const;
const OTHER_HEADS = [
  [2, 2],
  [1, 1],
  [1, 8],
] as const;

/**
 * Whether a kernel is also called as a benchmark would: calls of smaller shapes are too short to show
 * threads.
 */
export function isCalledAgain({ length, headDim }: Shape): boolean {
  return length >= 1000 && headDim >= 64;
}

/** What a kernel is checked on. */
export type KernelFree = Subject;

/** The same with the kernel. */
export interface Checked extends KernelFree {
  readonly kernel: Kernel;
}

/** Whether a kernel takes a shape of a variant. */
export type Takes = (filled: JudgedVariant, shape: Shape, causal: boolean) => boolean;

/**
 * Every length with every head dimension, causal and not unless specified, with small parameters and with the
 * defaults; for a kernel that supports none of these, the shapes of the laws.
 */
export function* gateSubjects(
  variant: Variant,
  takes: Takes,
  context: CheckContext,
  causals: readonly boolean[] = [false, true],
): Generator<KernelFree> {
  let taken = false;
  for (const subject of gridOf(variant, context, causals)) {
    if (!takes(subject.filled, subject.shape, subject.causal)) continue;
    taken = true;
    yield subject;
  }
  if (!taken) yield* lawSubjects(variant, takes, context, causals);
}

function* gridOf(
  variant: Variant,
  context: CheckContext,
  causals: readonly boolean[],
): Generator<KernelFree> {
  let turn = 0;
  for (const length of LENGTHS) {
    for (const headDim of HEAD_DIMS) {
      const [batch, heads] = length === 1000 ? [1, 1] : BATCHES_AND_HEADS[turn % BATCHES_AND_HEADS.length];
      const asked = shapeOf({ batch, heads, length, headDim });
      const kind = turn % 2 === 0 ? "gaussian" : "peaked";
      for (const { filled, shape, inputs } of filledAt(asked, kind, variant, context)) {
        if (!isAffordable(filled, shape)) continue;
        for (const causal of defined(filled, causals))
          yield subjectOf(context, { variant, filled, shape, causal, inputs });
      }
      turn++;
    }
  }
  for (const asked of UNLIKE_SHAPES) {
    for (const { filled, shape, inputs } of filledAt(asked, "gaussian", variant, context)) {
      for (const causal of defined(filled, causals))
        yield subjectOf(context, { variant, filled, shape, causal, inputs });
    }
  }
}

/** Every filling of a variant, with the shape asked for or the next longer one that its pattern takes. */
function* filledAt(
  asked: Shape,
  kind: "gaussian" | "peaked",
  variant: Variant,
  context: CheckContext,
): Generator<Pick<KernelFree, "filled" | "shape" | "inputs">> {
  const drawn = new Map<number, AttentionInputs>();
  for (const filled of fillings(variant, context)) {
    const shape = fitting(asked, filled);
    const inputs = remembered(drawn, shape.length, () => context.inputs(kind, shape, context.seed));
    yield { filled, shape, inputs };
  }
}

/** The shape, or with as many more tokens as the pattern needs to be defined. */
function fitting(shape: Shape, { mechanism, kind }: JudgedVariant): Shape {
  const length = nextLength(kind.pattern(mechanism), shape.length);
  return withLength(shape, length);
}

/** The shapes of the laws that a kernel supports or, if none, another. */
export function* lawSubjects(
  variant: Variant,
  takes: Takes,
  context: CheckContext,
  causals: readonly boolean[] = [false, true],
): Generator<KernelFree> {
  for (const filled of fillings(variant, context)) {
    for (const causal of defined(filled, causals)) {
      for (const shape of lawShapes(filled, (one) => takes(filled, one, causal))) {
        const inputs = context.inputs("gaussian", shape, context.seed);
        yield subjectOf(context, { variant, filled, shape, causal, inputs });
      }
    }
  }
}

function lawShapes(filled: JudgedVariant, takes: (shape: Shape) => boolean): readonly Shape[] {
  const usual = LAW_SHAPES.map((shape) => fitting(shape, filled)).filter(takes);
  if (usual.length > 0) return usual;
  for (const headDim of OTHER_HEAD_DIMS) {
    for (const length of OTHER_LENGTHS) {
      for (const [batch, heads] of OTHER_HEADS) {
        const shape = shapeOf({ batch, heads, length, headDim });
        if (takes(shape)) return [shape];
      }
    }
  }
  return [];
}

/**
 * Products that an oracle may take for one subject: one that sweeps computes all rows, however few are looked
 * at.
 */
const MOST_PRODUCTS = { usual: 3e6, calledAgain: 3e7 } as const;

function isAffordable({ mechanism, kind }: JudgedVariant, shape: Shape): boolean {
  if (kind.sweeps !== true) return true;
  const { batch, heads, length, headDim } = shape;
  const causal = kind.causality === "always";
  const task = { mechanism, kind, shape, causal, threads: 1 };
  const places = rowsToCheck(task, 0);
  const { usefulFlops } = kind.work(task);
  const each = usefulFlops / (batch * heads * length);
  const asked = {
    rows: places.length,
    heads: batch * heads,
    length,
    headDim,
    before: length,
    usefulFlops: each,
  };
  const summed = places.filter(isSummed).length;
  const gradients = kind.outputs === undefined ? {} : { summed, along: batch * heads * length };
  return (
    kind.oracleProducts({ ...asked, ...gradients }) <=
    MOST_PRODUCTS[isCalledAgain(shape) ? "calledAgain" : "usual"]
  );
}

/** The causalities for which the mathematics is defined. */
function defined(filled: JudgedVariant, causals: readonly boolean[]): readonly boolean[] {
  return causals.filter((causal) => allowsCausal(filled, causal));
}

function subjectOf(
  { kinds, scale, pass, seed, dtype }: CheckContext,
  one: Omit<KernelFree, "kinds" | "call" | "seed">,
): KernelFree {
  const asked = { ...one.filled, ...dtypeField(dtype) };
  const inputs = withNamed(asked, representable(one.inputs, dtype), seed);
  return { ...one, inputs, kinds, call: { scale, ...(pass && { pass }) }, seed };
}

/** The same with inputs of which no score is far above the others. */
export function unpeaked(subject: Checked, context: CheckContext): Checked {
  const inputs = context.inputs("gaussian", subject.shape, context.seed);
  return { ...subjectOf(context, { ...subject, inputs }), kernel: subject.kernel };
}

/**
 * The variant with the small values of its parameters, with each choice that exists besides them, and with
 * the defaults if those differ; scaled and set as requested.
 */
function fillings(variant: Variant, { kinds, scale, pass, settings }: CheckContext): JudgedVariant[] {
  const declared = Object.entries(variant.params);
  const probes = Object.fromEntries(declared.map(([name, { probe }]) => [name, probe]));
  const chosen = declared.flatMap(([name, parameter]) =>
    "choices" in parameter ? parameter.choices.map((one) => ({ ...probes, [name]: one })) : [],
  );
  const filled = new Map<string, JudgedVariant>();
  let refusal: UsageError | null = null;
  for (const values of [probes, ...chosen, {}]) {
    try {
      const one = kinds.under(parameterize(variant, { ...values, ...settings?.get(variant) }), {
        scale,
        ...(pass && { pass }),
      });
      filled.set(JSON.stringify(one.params), one);
    } catch (thrown) {
      // What is set may leave no room for one of the choices, and is refused if it leaves none for any.
      if (!(thrown instanceof UsageError)) throw thrown;
      refusal = thrown;
    }
  }
  if (filled.size === 0 && refusal !== null) throw refusal;
  return [...filled.values()];
}

/** The shape, causality and parameters of a subject, for messages. */
export function describe({ filled, shape, causal }: Subject): string {
  const params = Object.entries(filled.params).map(([name, value]) => `${name}=${value ?? "none"}`);
  return [formatShape(shape), ...(causal ? ["causal"] : []), ...params].join(" ");
}
