import type { Problem } from "../../../core/problem.ts";
import { FLOAT_BYTES, layoutOf, type Shape } from "../../../core/shape.ts";
import { layoutBy } from "../../../core/tensor-spec.ts";
import type { Summary } from "../../../mechanisms/summary/declare.ts";
import type { CallBuilder } from "../gpu/call-builder.ts";
import { widened } from "./convert.ts";
import { type DoneStep, type Size, sizesIn } from "./sizes.ts";

/** A matrix of a chain for every head, in float32: `[entries, heads, rows, columns]`, one entry if all are alike. */
export interface ChainMatrix {
  readonly buffer: GPUBuffer;
  readonly entries: number;
  readonly heads: number;
  readonly rows: number;
  readonly columns: number;
}

/** The matrices of a chain by their names. */
export class ChainMatrices {
  readonly builder: CallBuilder;
  readonly shape: Shape;
  /** Bytes of scores that may be kept at a time. */
  readonly scoreBytes: number;
  readonly #problem: Problem<Summary>;
  readonly #sizes: ReadonlyMap<string, Size>;
  readonly #known = new Map<string, ChainMatrix>();

  constructor(
    builder: CallBuilder,
    problem: Problem<Summary>,
    chain: readonly DoneStep[],
    scoreBytes: number,
  ) {
    this.builder = builder;
    this.scoreBytes = scoreBytes;
    this.shape = problem.shape;
    this.#problem = problem;
    this.#sizes = sizesIn(chain, problem.mechanism.inputs, problem.shape);
  }

  /** A matrix that is given, or that a step makes. */
  async named(name: string): Promise<ChainMatrix> {
    const known = this.#known.get(name) ?? (await this.#given(name)) ?? this.#made(name);
    this.#known.set(name, known);
    return known;
  }

  /** Memory for a matrix of each head of q, or of k and v. */
  own(label: string, rows: number, columns: number, heads: number): ChainMatrix {
    const { batch: entries } = this.shape;
    const buffer = this.builder.scratch(label, FLOAT_BYTES * entries * heads * rows * columns);
    return { buffer, entries, heads, rows, columns };
  }

  /** Numbers that no call changes, a vector for all heads. */
  constant(name: string, values: Float32Array): void {
    const buffer = this.builder.constant(name, values);
    this.#known.set(name, { buffer, entries: 1, heads: 1, rows: values.length, columns: 1 });
  }

  #made(name: string): ChainMatrix {
    const size = this.#sizes.get(name);
    if (size === undefined) throw new TypeError(`chain: ${name} must be made before it is read`);
    const { rows, width, perHead } = size;
    const heads = perHead ? this.shape.heads : this.shape.kvHeads;
    if (name !== "out" || this.builder.storage !== "float32") return this.own(name, rows, width, heads);
    return { buffer: this.builder.output, entries: this.shape.batch, heads, rows, columns: width };
  }

  async #given(name: string): Promise<ChainMatrix | null> {
    const { shape, mechanism } = this.#problem;
    const spec = mechanism.inputs[name];
    if (name !== "q" && name !== "k" && name !== "v" && spec === undefined) return null;
    const layout = spec === undefined ? layoutOf(shape, name as "q" | "k" | "v") : layoutBy(shape, spec);
    const { batch: entries, heads, rows, width: columns } = layout;
    const count = entries * heads * rows * columns;
    return { buffer: await widened(this.builder, name, count), entries, heads, rows, columns };
  }
}

/** Matrices of the same kind for all heads: how often a step is done. */
export function copiesOf({ entries, heads }: ChainMatrix): number {
  return entries * heads;
}
