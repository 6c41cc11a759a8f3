import { FLOAT32_EPSILON, FLOAT32_TINIEST } from "../core/error-budget.ts";
import { FailureError, messageOf, printable, textOf, UsageError } from "../core/errors.ts";
import type { Mechanism } from "../core/mechanism.ts";
import type { ExactProblem, Task } from "../core/problem.ts";
import { randomStream } from "../core/random.ts";
import { remembered } from "../core/remembered.ts";
import {
  callBytes,
  countOf,
  FLOAT_BYTES,
  kvHeadOf,
  type Layout,
  layoutOf,
  offsetIn,
  QKV,
  type ShapeFreedom,
} from "../core/shape.ts";
import type { TableRow } from "../core/table-one.ts";
import { layoutBy, type TensorSpecs } from "../core/tensor-spec.ts";
import { type Numbers, tensorNamed } from "../core/tensors.ts";
import { everything } from "../pattern/band.ts";
import type { Kind, StepKind } from "./kind.ts";
import { LAWS, type LawName } from "./laws/named.ts";
import type { Oracle, ReferenceRow, Rounding } from "./oracle.ts";

/** A kind given by a few functions, such as a plug-in's. */
export interface SimpleKind<M extends Mechanism> {
  id: M["kind"];
  /** Whether it can be causal, and whether it can be non-causal; `either` if omitted. */
  causality?: Kind["causality"];
  /**
   * Operations of the products of a forward pass over batch and heads, a multiplication and an addition
   * counting two: no honest call does less.
   */
  flops: (task: Task<M>) => number;
  /**
   * The definition, as one loop over one head: from q, k and v to an output `[queries, valueDim]`. Every result of an operation goes through `round`, which shows how far float32 may be off.
   */
  reference: (head: HeadProblem<M>, round: Rounding) => Float64Array;
  /** The laws that `check` tests, by their names. */
  laws: readonly LawName[];
  /** How shapes may differ from the usual; omitted if they may not. */
  freedoms?: readonly ShapeFreedom[];
  /** What calls are given besides q, k and v, by names of their own; omitted if nothing. */
  inputs?: (mechanism: M) => TensorSpecs;
  /** Its row of Table 1; omitted if nothing is said, or the variants say it. */
  table?: (mechanism: M, causal: boolean) => TableRow;
  /** Decoding one token at a time, whose outputs are those of `reference`; omitted if there is none. */
  step?: SimpleStep<M>;
}

/** What decoding takes. */
export interface SimpleStep<M extends Mechanism> {
  /** Operations of the step at a position, over batch and heads: no honest one does less. */
  flops: (task: Task<M>, position: number) => number;
  /** What is kept of the tokens so far, in words such as "keeps d·d numbers and no keys". */
  keeps: string;
}

/** One head of a problem. */
export interface HeadProblem<M extends Mechanism> {
  readonly mechanism: M;
  /** `[queries, headDim]`. */
  readonly q: Float32Array;
  /** `[length, headDim]`, of the head of k and v that this head reads. */
  readonly k: Float32Array;
  /** `[length, valueDim]`. */
  readonly v: Float32Array;
  /** This head's part of what the kind has besides them, by name; the whole of what has no heads. */
  readonly inputs: Readonly<Record<string, Float32Array>>;
  readonly length: number;
  /** As `length`, unless the kind allows for other queries. */
  readonly queries: number;
  readonly headDim: number;
  /** As `headDim`, unless the kind allows for another. */
  readonly valueDim: number;
  readonly causal: boolean;
  /** Its index, and how many there are. */
  readonly head: number;
  readonly heads: number;
}

/**
 * Completes a kind given by a few functions. Its oracle sweeps: it computes whole heads, and hands out rows.
 */
export function simpleKind<M extends Mechanism>(declared: SimpleKind<M>): Kind<M> {
  checkDeclared(declared);
  const { id, causality = "either", flops, reference, laws, freedoms, inputs, step, table } = declared;
  const namedBytes = ({ mechanism, shape }: Task<M>): number =>
    Object.values(inputs?.(mechanism) ?? {}).reduce(
      (sum, spec) => sum + FLOAT_BYTES * countOf(layoutBy(shape, spec)),
      0,
    );
  const work = (task: Task<M>) => ({ pairs: null, usefulFlops: flops(task) });
  return {
    id,
    causality,
    under: (mechanism) => mechanism,
    whyNotUnder(_mechanism, { mask, scale }) {
      if (mask !== undefined) return `${id} takes no mask but causal; omit the mask from the input`;
      return scale === undefined ? null : `${id} takes no scale; omit --scale, or the scale from the input`;
    },
    work,
    leastWork: (task) => ({ flops: flops(task), bytes: callBytes(task.shape) + namedBytes(task) }),
    ...(freedoms !== undefined && { freedoms }),
    ...(inputs !== undefined && { inputs }),
    ...(step !== undefined && { step: stepsOf(step) }),
    ...(table !== undefined && { table }),
    pattern: everything,
    pairwise: false,
    scoreScale: () => null,
    oracle: (problem) => sweepingOracle(problem, reference, inputs?.(problem.mechanism) ?? {}),
    sweeps: true,
    // Whole heads, whatever rows are asked for: exact, rounded, and rounded at random.
    oracleProducts: ({ heads, length, headDim, usefulFlops }) =>
      ((1 + passesOf(headDim)) * heads * length * usefulFlops) / 2,
    laws: laws.map((name) => LAWS[name]),
  };
}

/** The least of a state that may be anything is nothing. */
function stepsOf<M extends Mechanism>({ flops, keeps }: SimpleStep<M>): StepKind<M> {
  return {
    work: (task, position) => ({ pairs: null, usefulFlops: flops(task, position) }),
    leastWork: (task, position) => ({
      flops: position < task.shape.length ? flops(task, position) : 0,
      bytes: 0,
      stateBytes: 0,
    }),
    residentBytes: (_task, _window, { stateBytes, stepBytes }) => Math.min(stateBytes, stepBytes),
    keeps: () => keeps,
  };
}

/** Refuses what a plug-in in plain JavaScript may have got wrong, by name. */
function checkDeclared(declared: { readonly [Name in keyof SimpleKind<Mechanism>]?: unknown }): void {
  const { id, causality = "either", laws } = declared;
  if (!(typeof id === "string" && /^[a-zA-Z][a-zA-Z0-9-]*$/.test(id))) {
    throw new UsageError(`kind: id must be letters, digits and hyphens, got ${printable(textOf(id), 60)}`);
  }
  for (const name of ["flops", "reference"] as const) {
    if (typeof declared[name] === "function") continue;
    throw new UsageError(
      `kind ${id}: ${name} must be a function, got ${printable(textOf(declared[name]), 60)}`,
    );
  }
  if (!CAUSALITIES.some((one) => one === causality)) {
    throw new UsageError(
      `kind ${id}: causality must be ${CAUSALITIES.join(" or ")}, got ${printable(textOf(causality), 60)}`,
    );
  }
  const unknown = Array.isArray(laws) ? laws.find((name) => !Object.hasOwn(LAWS, name)) : laws;
  if (!Array.isArray(laws) || unknown !== undefined) {
    throw new UsageError(
      `kind ${id}: laws must be an array of some of ${Object.keys(LAWS).join(", ")}, got ${printable(textOf(unknown), 60)}`,
    );
  }
}

const CAUSALITIES: ReadonlyArray<Kind["causality"]> = ["either", "always", "never"];

/**
 * Numbers that a row has in all passes with random roundings: a few of them may all be lucky.
 */
const NUMBERS = 64;
const LEAST_PASSES = 2;

function passesOf(headDim: number): number {
  return Math.max(LEAST_PASSES, Math.ceil(NUMBERS / headDim));
}

function sweepingOracle<M extends Mechanism>(
  problem: ExactProblem<M>,
  reference: SimpleKind<M>["reference"],
  specs: TensorSpecs,
): Oracle {
  // In decoding the problem's shape is the capacity, and the inputs are the tokens so far.
  const { queries, valueDim } = problem.inputs.shape;
  const count = queries * valueDim;
  const id = problem.mechanism.kind;
  const sweep = (batch: number, head: number, round: Rounding): Float64Array => {
    const computed: Partial<Float64Array> | null | undefined = orFault(id, () =>
      reference(headOf(problem, specs, batch, head), round),
    );
    if (computed instanceof Float64Array && computed.length === count) return computed;
    const got = computed instanceof Float64Array ? computed.length : textOf(computed);
    throw new FailureError(`kind ${id}: reference must give a Float64Array of ${count} numbers, got ${got}`);
  };
  return {
    rows(places, round) {
      // The inputs may hold other numbers next time: only what this call computes is kept.
      const sweeps = new Map<string, Sweep>();
      return places.map(({ batch, head, row }): ReferenceRow => {
        const of = remembered(sweeps, `${batch} ${head}`, () => ({
          values: sweep(batch, head, round),
          passes: onceOf(() =>
            Array.from({ length: passesOf(valueDim) }, (_, seed) => sweep(batch, head, randomRounding(seed))),
          ),
        }));
        const rowIn = (whole: Float64Array) => whole.slice(row * valueDim, (row + 1) * valueDim);
        const values = rowIn(of.values);
        return {
          values,
          magnitudes: values.map(Math.abs),
          slack: () => slackOf(values, of.passes().map(rowIn)),
        };
      });
    },
  };
}

/** What the reference throws is no fault of the kernel that is verified. */
function orFault<T>(id: string, compute: () => T): T {
  try {
    return compute();
  } catch (thrown) {
    throw new FailureError(`kind ${id}: reference threw ${messageOf(thrown)}`, { cause: thrown });
  }
}

/** A head, computed once for all of its rows. */
interface Sweep {
  readonly values: Float64Array;
  passes(): readonly Float64Array[];
}

function onceOf<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/**
 * How far a row's elements may be off: as far as any of them was with random roundings. Elements share it,
 * since a few passes may all be lucky in one.
 */
function slackOf(exact: Float64Array, passes: readonly Float64Array[]): Float64Array {
  let most = 0;
  for (const [i, value] of exact.entries()) {
    for (const pass of passes) most = Math.max(most, Math.abs(pass[i] - value));
  }
  return exact.map((value) => Math.max(most, FLOAT32_EPSILON * Math.abs(value), FLOAT32_TINIEST));
}

/** Rounds to a float32 neighbour, above or below at random; seeded. */
function randomRounding(seed: number): Rounding {
  // Marsaglia 2003, doi 10.18637/jss.v008.i14: millions of coins are tossed, and a weak generator will do.
  let coins = randomStream(seed).below(2 ** 31) | 1;
  return (exact) => {
    const near = Math.fround(exact);
    coins ^= coins << 13;
    coins ^= coins >>> 17;
    coins ^= coins << 5;
    if (near === exact || coins < 0 || !Number.isFinite(near)) return near;
    // The neighbour on the other side of the exact number.
    const step = Math.max(Math.abs(near) * FLOAT32_EPSILON, FLOAT32_TINIEST);
    return Math.fround(near < exact ? near + step : near - step);
  };
}

function headOf<M extends Mechanism>(
  problem: ExactProblem<M>,
  specs: TensorSpecs,
  batch: number,
  head: number,
): HeadProblem<M> {
  const { mechanism, inputs, causal } = problem;
  const { shape } = inputs;
  const { heads, length, queries, headDim, valueDim } = shape;
  // Copies: what it does to them changes no input. float32, which a plug-in's reference is promised: what a layer
  // has made in float64 is rounded.
  const of = (values: Numbers, layout: Layout): Float32Array => {
    // What has no batch, or no heads, is the same in all of them.
    const own = layout.heads === heads ? head : layout.heads === 1 ? 0 : kvHeadOf(shape, head);
    const start = offsetIn(layout, layout.batch === 1 ? 0 : batch, own, 0);
    return Float32Array.from(values.subarray(start, start + layout.rows * layout.width));
  };
  const [q, k, v] = QKV.map((name) => of(inputs[name], layoutOf(shape, name)));
  const named = Object.entries(specs).map(([name, spec]) => {
    // What belongs to the layer has room for as many tokens as the problem, which in decoding are to come.
    const lies = layoutBy(spec.of === "weights" ? problem.shape : shape, spec);
    return [name, of(tensorNamed(inputs, name), lies)] as const;
  });
  const dimensions = { length, queries, headDim, valueDim };
  return { mechanism, q, k, v, inputs: Object.fromEntries(named), ...dimensions, causal, head, heads };
}
