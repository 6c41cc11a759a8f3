import type { Problem } from "../../../core/problem.ts";
import {
  countOf,
  kvHeadOf,
  type Layout,
  layoutOf,
  type Shape,
  type TensorName,
} from "../../../core/shape.ts";
import { layoutBy } from "../../../core/tensor-spec.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import type { Step, Summary } from "../../../mechanisms/summary/declare.ts";
import type { Ffi } from "../call/ffi.ts";
import { ownFloats } from "../call/own-floats.ts";
import type { Operand } from "../products/operations.ts";
import { type Sizes, sizeOf, sizesIn } from "./sizes.ts";

/** A matrix of a chain for every head, in one array. */
export interface ChainMatrix {
  readonly rows: number;
  readonly columns: number;
  /** Whether each head of q has its own; otherwise each head of k and v has. */
  readonly perHead: boolean;
  readonly array: Float32Array;
  /** `tensor` as a call has q, k, v or out: one for each batch entry and head; `weights` are the layer's, alike in all entries. */
  readonly home: "tensor" | "weights" | "own";
  /** That of a batch entry and a head of q. */
  of(entry: number, head: number): Operand;
}

const TENSOR_NAMES: Readonly<Record<string, TensorName>> = { q: "q", k: "k", v: "v", out: "output" };

/** The matrices of a chain by their names. */
export class ChainMatrices {
  readonly #problem: Problem<Summary>;
  readonly #output: Float32Array;
  readonly #ffi: Ffi;
  readonly #sizes: Sizes;
  readonly #known = new Map<string, ChainMatrix>();
  #bytes = 0;

  constructor(problem: Problem<Summary>, steps: readonly Step[], output: Float32Array, ffi: Ffi) {
    this.#problem = problem;
    this.#output = output;
    this.#ffi = ffi;
    this.#sizes = sizesIn(steps, problem.mechanism.inputs, problem.shape);
  }

  get shape(): Shape {
    return this.#problem.shape;
  }

  /** Bytes of those that steps make. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A matrix that is given, or that a step makes. */
  named(name: string): ChainMatrix {
    let matrix = this.#known.get(name);
    if (matrix === undefined) {
      matrix = this.#given(name) ?? this.#made(name);
      this.#known.set(name, matrix);
    }
    return matrix;
  }

  /** Memory for a matrix of each head. */
  own(rows: number, columns: number, perHead: boolean): ChainMatrix {
    const { batch, heads, kvHeads } = this.shape;
    const layout = { batch, heads: perHead ? heads : kvHeads, rows, width: columns };
    this.#bytes += countOf(layout) * Float32Array.BYTES_PER_ELEMENT;
    return { ...this.#over(ownFloats(this.#ffi, countOf(layout)), layout, perHead), home: "own" };
  }

  /** Every batch entry with the heads for which a matrix is made: each of q, or the first of those that share one of k and v. */
  copies(perHead: boolean): { readonly entry: number; readonly head: number }[] {
    const { batch, heads, kvHeads } = this.shape;
    const count = perHead ? heads : kvHeads;
    return Array.from({ length: batch * count }, (_, at) => ({
      entry: Math.floor(at / count),
      head: ((at % count) * heads) / count,
    }));
  }

  #made(name: string): ChainMatrix {
    const { rows, width, perHead } = sizeOf(this.#sizes, name);
    return this.own(rows, width, perHead);
  }

  #given(name: string): ChainMatrix | undefined {
    const { shape, inputs, mechanism } = this.#problem;
    const tensor = TENSOR_NAMES[name];
    if (tensor !== undefined) {
      const array = tensor === "output" ? this.#output : inputs[tensor];
      const perHead = tensor === "q" || tensor === "output";
      return { ...this.#over(array, layoutOf(shape, tensor), perHead), home: "tensor" };
    }
    const spec = mechanism.inputs[name];
    if (spec === undefined) return undefined;
    const layout = layoutBy(shape, spec);
    return { ...this.#over(tensorNamed(inputs, name), layout, true), home: "weights" };
  }

  #over(array: Float32Array, { batch, heads, rows, width }: Layout, perHead: boolean) {
    const { shape } = this;
    return {
      rows,
      columns: width,
      perHead,
      array,
      of(entry: number, head: number): Operand {
        const own = perHead ? Math.floor((head * heads) / shape.heads) : kvHeadOf(shape, head);
        return { array, from: ((batch === 1 ? 0 : entry) * heads + own) * rows * width, row: width };
      },
    };
  }
}
