import { FLOAT_BYTES, layoutOf, type Shape, type TensorName } from "../../../core/shape.ts";
import { layoutBy, type TensorSpecs } from "../../../core/tensor-spec.ts";
import type { ScratchPlan } from "../call.ts";
import { PANEL_KEYS, TILE } from "../layout.ts";

/** A matrix of a chain, before there is memory for it. */
export interface PlannedMatrix {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly rowBytes: number;
  readonly home: Home;
  /** The phase from which on it is there; what is given is there from the beginning. */
  readonly ready: number;
}

/** Where a matrix lies: in a tensor of the call, among the weights, in another array, or in a place of its own. */
export type Home =
  | { readonly tensor: TensorName }
  | { readonly weights: string; readonly heads: number; readonly headElements: number }
  | { readonly headAt: (entry: number, head: number) => number }
  | { readonly place: number };

const TENSOR_NAMES: Readonly<Record<string, TensorName>> = { q: "q", k: "k", v: "v", out: "output" };

/** The matrices of a chain by their names. */
export class Matrices {
  readonly #shape: Shape;
  readonly #inputs: TensorSpecs;
  readonly #plan: ScratchPlan;
  readonly #named = new Map<string, PlannedMatrix>();
  readonly #all = new Set<PlannedMatrix>();

  constructor(shape: Shape, inputs: TensorSpecs, plan: ScratchPlan) {
    this.#shape = shape;
    this.#inputs = inputs;
    this.#plan = plan;
  }

  /** All that there are, in the order in which they were first named. */
  get all(): readonly PlannedMatrix[] {
    return [...this.#all];
  }

  /** A matrix that is given, or that an earlier step made. */
  named(name: string): PlannedMatrix {
    const known = this.#named.get(name) ?? this.#ofCall(name);
    if (known === undefined) throw new TypeError(`chain: ${name} must be made before it is read`);
    return this.#keep(name, known);
  }

  /**
   * A matrix that a step makes, there from phase `ready` on. Its rows are whole panels of columns apart, and up
   * to a whole group, so that tiles may be written whole; those of the output are as the call has them.
   */
  made(name: string, rows: number, columns: number, ready: number): PlannedMatrix {
    const given = this.#named.get(name);
    if (given !== undefined && "headAt" in given.home) return this.#keep(name, { ...given, ready });
    const tensor = TENSOR_NAMES[name];
    if (tensor !== undefined) {
      return this.#keep(name, {
        name,
        rows,
        columns,
        rowBytes: columns * FLOAT_BYTES,
        home: { tensor },
        ready,
      });
    }
    return this.#placed(name, rows, columns, Math.ceil(columns / PANEL_KEYS.wide) * PANEL_KEYS.wide, ready);
  }

  /** A matrix that is given in an array of its own: where a head's part of it begins. */
  given(
    name: string,
    { rows, columns }: { readonly rows: number; readonly columns: number },
    headAt: (entry: number, head: number) => number,
  ): PlannedMatrix {
    return this.#keep(name, {
      name,
      rows,
      columns,
      rowBytes: columns * FLOAT_BYTES,
      home: { headAt },
      ready: 0,
    });
  }

  /** A vector that a step makes: one column, row by row. */
  vector(name: string, rows: number, ready: number): PlannedMatrix {
    return this.#placed(name, rows, 1, 1, ready);
  }

  #placed(name: string, rows: number, columns: number, width: number, ready: number): PlannedMatrix {
    const home = { place: this.#plan.words(wholeGroups(rows) * width) };
    return this.#keep(name, { name, rows, columns, rowBytes: width * FLOAT_BYTES, home, ready });
  }

  #keep(name: string, matrix: PlannedMatrix): PlannedMatrix {
    this.#named.set(name, matrix);
    this.#all.add(matrix);
    return matrix;
  }

  #ofCall(name: string): PlannedMatrix | undefined {
    const tensor = TENSOR_NAMES[name];
    const spec = this.#inputs[name];
    if (tensor === undefined && spec === undefined) return undefined;
    const { rows, width, heads } =
      tensor === undefined ? layoutBy(this.#shape, spec) : layoutOf(this.#shape, tensor);
    const home: Home =
      tensor === undefined ? { weights: name, heads, headElements: rows * width } : { tensor };
    return { name, rows, columns: width, rowBytes: width * FLOAT_BYTES, home, ready: 0 };
  }
}

/** Rows up to whole groups of queries. */
export function wholeGroups(rows: number): number {
  return Math.ceil(rows / TILE.queries) * TILE.queries;
}
