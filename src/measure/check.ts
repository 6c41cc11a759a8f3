import { setImmediate as nextTurn } from "node:timers/promises";
import { messageOf } from "../core/errors.ts";
import type { Problem } from "../core/problem.ts";
import { elementCount, formatShape, type Shape } from "../core/shape.ts";
import type { AttentionInputs } from "../core/tensors.ts";
import { type ParameterizedVariant, parameterize, type Variant } from "../core/variant.ts";
import { guardedOutput, type Kernel } from "../kernels/kernel.ts";
import { gateRows } from "./gate-rows.ts";
import { laws } from "./laws/index.ts";
import type { Subject } from "./laws/law.ts";
import { prepareCase } from "./prepare-case.ts";

/** Lengths that are no multiple of anything, and those on both sides of a tile. */
const LENGTHS = [1, 2, 3, 5, 63, 64, 65, 127, 1000] as const;
const HEAD_DIMS = [1, 7, 8, 20, 64, 80, 128] as const;
/** Taken in turn; only single heads at the longest length, to keep the time in bounds. */
const BATCHES_AND_HEADS = [
  [1, 1],
  [2, 3],
  [1, 2],
  [3, 1],
] as const;
/** Shapes of the laws, with small parameters and with the defaults. */
const LAW_SHAPES: readonly Shape[] = [
  { batch: 2, heads: 2, length: 97, headDim: 12 },
  { batch: 1, heads: 1, length: 33, headDim: 7 },
];

export interface CheckContext {
  inputs(kind: "gaussian" | "peaked", shape: Shape, seed: number): AttentionInputs;
  readonly seed: number;
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
  /** The first failure, which ends this kind of check; or null. */
  readonly failure: string | null;
}

/** Holds every variant by every kernel to the gate over awkward shapes and to the laws. Yields as it goes. */
export async function* check(
  variants: readonly Variant[],
  kernels: readonly Kernel[],
  context: CheckContext,
): AsyncGenerator<CheckResult> {
  for (const variant of variants) {
    for (const kernel of kernels) {
      if (context.signal.aborted) return;
      yield* oneKind(variant, kernel, "gate", gateSubjects(variant, context), throughGate(context), context);
      for (const law of laws) {
        const subjects = lawSubjects(variant, context);
        yield* oneKind(variant, kernel, law.title, subjects, law.check, context, law.applies);
      }
    }
  }
}

async function* oneKind(
  variant: Variant,
  kernel: Kernel,
  title: string,
  subjects: Iterable<Omit<Subject, "kernel">>,
  check: (subject: Subject) => string | null,
  context: CheckContext,
  applies: (subject: Subject) => boolean = () => true,
): AsyncGenerator<CheckResult> {
  let passed = 0;
  for (const partial of subjects) {
    const subject: Subject = { ...partial, kernel };
    const { mechanism } = subject.filled;
    const task = { mechanism, shape: subject.shape, causal: subject.causal, threads: 1 };
    if (context.signal.aborted) return;
    if (kernel.supports(task) !== true || !applies(subject)) continue;
    let failure: string | null;
    try {
      failure = check(subject);
    } catch (thrown) {
      failure = `threw ${messageOf(thrown)}`;
    }
    if (failure !== null) {
      const where = `at ${describe(subject)}`;
      yield { variant: variant.id, kernel: kernel.id, check: title, passed, failure: `${where}: ${failure}` };
      return;
    }
    passed++;
    await nextTurn();
  }
  if (passed > 0) yield { variant: variant.id, kernel: kernel.id, check: title, passed, failure: null };
}

function throughGate({ seed, now }: CheckContext): (subject: Subject) => string | null {
  return ({ filled, kernel, shape, causal, inputs }) => {
    const problem: Problem = { mechanism: filled.mechanism, shape, causal, threads: 1, inputs };
    const output = guardedOutput(elementCount(shape));
    const places = gateRows(shape, seed);
    const result = prepareCase(problem, kernel, { places, fullRows: null, seed, output, now });
    if (result.outcome === "red") return result.reason;
    result.runnable.dispose();
    return null;
  };
}

/** Every length with every head dimension, causal and not, with small parameters and with the defaults. */
function* gateSubjects(variant: Variant, context: CheckContext): Generator<Omit<Subject, "kernel">> {
  let turn = 0;
  for (const length of LENGTHS) {
    for (const headDim of HEAD_DIMS) {
      const [batch, heads] = length === 1000 ? [1, 1] : BATCHES_AND_HEADS[turn % BATCHES_AND_HEADS.length];
      const shape = { batch, heads, length, headDim };
      const inputs = context.inputs(turn % 2 === 0 ? "gaussian" : "peaked", shape, context.seed);
      for (const filled of fillings(variant)) {
        for (const causal of [false, true])
          yield { variant, filled, shape, causal, inputs, seed: context.seed };
      }
      turn++;
    }
  }
}

function* lawSubjects(variant: Variant, context: CheckContext): Generator<Omit<Subject, "kernel">> {
  for (const shape of LAW_SHAPES) {
    const inputs = context.inputs("gaussian", shape, context.seed);
    for (const filled of fillings(variant)) {
      for (const causal of [false, true])
        yield { variant, filled, shape, causal, inputs, seed: context.seed };
    }
  }
}

/** The variant with the small values of its parameters, and with the defaults where those differ. */
function fillings(variant: Variant): ParameterizedVariant[] {
  const probes = Object.fromEntries(Object.entries(variant.params).map(([name, { probe }]) => [name, probe]));
  const small = parameterize(variant, probes);
  const usual = parameterize(variant, {});
  return JSON.stringify(small.params) === JSON.stringify(usual.params) ? [usual] : [small, usual];
}

function describe({ filled, shape, causal }: Subject): string {
  const params = Object.entries(filled.params).map(([name, value]) => `${name}=${value ?? "none"}`);
  return [formatShape(shape), ...(causal ? ["causal"] : []), ...params].join(" ");
}
