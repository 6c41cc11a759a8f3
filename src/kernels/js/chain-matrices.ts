import type { Problem } from "../../core/problem.ts";
import { countOf, kvHeadOf, type Layout, layoutOf, offsetIn, type Shape } from "../../core/shape.ts";
import { layoutBy } from "../../core/tensor-spec.ts";
import { tensorNamed } from "../../core/tensors.ts";
import type { Matrix, Summary } from "../../mechanisms/summary/declare.ts";
import type { Workspace } from "../workspace.ts";

/** Which head of which batch entry is computed. */
export interface Place {
  entry: number;
  /** Of q. */
  head: number;
  kvHead: number;
}

/** A matrix of a chain, row-major: a head of an input or of the output, or scratch of one head. */
export interface Stored {
  readonly rows: number;
  readonly width: number;
  readonly data: Float32Array | Float64Array;
  /** Where it begins. */
  at(place: Place): number;
  /** Whether it differs between heads of q that share k and v. */
  readonly perHead: boolean;
  /** Whether it is an input, or the output, and so counts as memory that the call reads or writes. */
  readonly isTensor: boolean;
}

/** The matrices of a chain by name. */
export class Matrices {
  readonly #stored = new Map<Matrix, Stored>();
  readonly #workspace: Workspace;

  constructor({ mechanism, shape, inputs }: Problem<Summary>, output: Float32Array, workspace: Workspace) {
    this.#workspace = workspace;
    for (const name of ["q", "k", "v"] as const) {
      this.#stored.set(name, tensor(inputs[name], layoutOf(shape, name), shape));
    }
    for (const [name, spec] of Object.entries(mechanism.inputs)) {
      this.#stored.set(name, tensor(tensorNamed(inputs, name), layoutBy(shape, spec), shape));
    }
    this.#stored.set("out", tensor(output, layoutOf(shape, "output"), shape));
  }

  /** A matrix that an earlier step made, or an input. Throws for another name. */
  get(name: Matrix): Stored {
    const found = this.#stored.get(name);
    if (found === undefined) throw new TypeError(`chain: ${name} must be an input or made by a step before`);
    return found;
  }

  /** The matrix that a step makes from others: the output, or new scratch. */
  make(name: Matrix, rows: number, width: number, from: readonly Stored[]): Stored {
    if (name === "out") return this.get(name);
    const data = this.#workspace.float64(rows * width);
    const perHead = from.some((one) => one.perHead);
    const made = { rows, width, data, at: () => 0, perHead, isTensor: false };
    this.#stored.set(name, made);
    return made;
  }
}

function tensor(data: Float32Array, layout: Layout, shape: Shape): Stored {
  const { batch, heads, rows, width } = layout;
  if (data.length !== countOf(layout)) {
    throw new TypeError(`chain: a tensor must have ${countOf(layout)} numbers, got ${data.length}`);
  }
  // What has no batch, or no heads, is the same in all of them.
  const headOf = ({ head, kvHead }: Place): number =>
    heads === 1 ? 0 : heads === shape.heads ? head : kvHead;
  return {
    rows,
    width,
    data,
    at: (place) => offsetIn(layout, batch === 1 ? 0 : place.entry, headOf(place), 0),
    perHead: heads === shape.heads,
    isTensor: true,
  };
}

/** The places of a shape, those of heads that share k and v after one another. */
export function placesOf(shape: Shape): Place[] {
  const { batch, heads } = shape;
  return Array.from({ length: batch * heads }, (_, slice) => {
    const head = slice % heads;
    return { entry: Math.floor(slice / heads), head, kvHead: kvHeadOf(shape, head) };
  });
}

/** Copies rows `first … first + count - 1` of a matrix, times `factor`, to consecutive rows at `toAt`. */
export function packRows(
  from: Float32Array | Float64Array,
  at: number,
  width: number,
  first: number,
  count: number,
  factor: number,
  to: Float64Array,
): void {
  const start = at + first * width;
  for (let i = 0; i < count * width; i++) to[i] = from[start + i] * factor;
}

/** The same rows as columns `0 … count - 1`: `to` is `[width, stride]`, from row `toRow` on. */
export function packColumns(
  from: Float32Array | Float64Array,
  at: number,
  width: number,
  first: number,
  count: number,
  to: Float64Array,
  toRow: number,
  stride: number,
): void {
  for (let row = 0; row < count; row++) {
    const source = at + (first + row) * width;
    for (let i = 0; i < width; i++) to[(toRow + i) * stride + row] = from[source + i];
  }
}
