import { FLOAT_BYTES } from "../../../../core/shape.ts";
import type { LeftBehind, LeftPlace } from "../../chain/left-behind.ts";
import type { PlannedMatrix } from "../../chain/matrices.ts";
import type { Planning } from "../../chain/plan-attend.ts";

/** What the way back is planned with: `steps` are those of the way back alone. */
export interface PlanningBack extends Planning {
  readonly along: Along;
  /** The first phase after all that is planned. */
  phase: number;
}

/** The matrices of a chain on the way back: what comes to each, and which of those of the way forth are read again. */
export class Along {
  readonly #planning: Planning;
  readonly #given: ReadonlyMap<string, PlannedMatrix>;
  readonly #constant: ReadonlySet<string>;
  readonly #made = new Map<string, PlannedMatrix>();
  readonly #read = new Map<PlannedMatrix, number>();
  readonly #kept = new Map<number, LeftPlace>();
  readonly #left: LeftBehind;

  /** `given` are where the gradients of inputs are summed, and `out` as dout; what is in `constant` has no gradient. */
  constructor(
    planning: Planning,
    left: LeftBehind,
    given: ReadonlyMap<string, PlannedMatrix>,
    constant: ReadonlySet<string>,
  ) {
    this.#planning = planning;
    this.#left = left;
    this.#given = given;
    this.#constant = constant;
  }

  /** Where what comes to a matrix is summed; undefined if nobody asks for it. */
  sums(name: string): PlannedMatrix | undefined {
    const known = this.#given.get(name) ?? this.#made.get(name);
    if (known !== undefined || this.#constant.has(name)) return known;
    const { matrices } = this.#planning;
    const { rows, columns } = matrices.named(name);
    const title = `gradient of ${name}`;
    const sums = columns === 1 ? matrices.vector(title, rows, 0) : matrices.made(title, rows, columns, 0);
    this.#made.set(name, sums);
    return sums;
  }

  /** What has come to what a step made. */
  to(name: string): PlannedMatrix {
    const sums = this.sums(name);
    if (sums === undefined) throw new TypeError(`chain: nothing comes to ${name}`);
    return sums;
  }

  /** A matrix of the way forth, which is read again. */
  read(name: string): PlannedMatrix {
    const matrix = this.#planning.matrices.named(name);
    if ("place" in matrix.home && !this.#constant.has(name)) this.#read.set(matrix, matrix.home.place);
    return matrix;
  }

  /** Where what an attention left of its rows is. */
  leftSums(made: string): number {
    return this.#leave(this.#left.sums(made));
  }

  /** Where it is which cluster each row is in. */
  members(name: string): number {
    return this.#leave(this.#left.members(name));
  }

  /** All places that are read again, and how many words. */
  get kept(): readonly LeftPlace[] {
    const matrices = [...this.#read].map(([{ rows, rowBytes }, place]) => ({
      place,
      words: (rows * rowBytes) / FLOAT_BYTES,
    }));
    return [...matrices, ...this.#kept.values()];
  }

  #leave(left: LeftPlace): number {
    this.#kept.set(left.place, left);
    return left.place;
  }

  /** Where sums begin at zero in every head. */
  get cleared(): readonly PlannedMatrix[] {
    return [...this.#made.values()];
  }
}
