import { layoutOf, offsetIn } from "../../../core/shape.ts";
import type { GradientProblem } from "../../gradient/gradient-kind.ts";
import type { Rounding } from "../../oracle.ts";
import type { SoftmaxPattern } from "../declare.ts";
import { TurnedKeys, type TurnRow, turning } from "../turned-rows.ts";
import type { ReadRow } from "./slopes.ts";

/** The rows of q and k as scores read them: turned by their positions, if they are. */
export class RowsRead {
  readonly #problem: GradientProblem<SoftmaxPattern>;
  readonly #turn: TurnRow | null;
  readonly #round: Rounding;
  readonly #turned = new Map<number, TurnedKeys>();

  constructor(problem: GradientProblem<SoftmaxPattern>, round: Rounding) {
    const { turn } = problem.mechanism;
    this.#problem = problem;
    this.#turn = turn === undefined ? null : turning(turn, problem.shape.headDim);
    this.#round = round;
  }

  query(batch: number, head: number, row: number): ReadRow {
    const { shape, inputs } = this.#problem;
    const at = offsetIn(layoutOf(shape, "q"), batch, head, row);
    if (this.#turn === null) return { from: inputs.q, at, sizes: null };
    const { values, sizes } = this.#turn(inputs.q, at, row + shape.length - shape.queries, this.#round);
    return { from: values, at: 0, sizes };
  }

  /** Rows of a head of k, by their places among `keys`. */
  keys(batch: number, kvHead: number, keys: Int32Array): (index: number) => ReadRow {
    const { shape, inputs } = this.#problem;
    const { headDim: width, length } = shape;
    const at = offsetIn(layoutOf(shape, "k"), batch, kvHead, 0);
    const turn = this.#turn;
    if (turn === null) return (index) => ({ from: inputs.k, at: at + keys[index] * width, sizes: null });
    const known =
      this.#turned.get(at) ?? new TurnedKeys(turn, { from: inputs.k, at, width }, length, this.#round);
    this.#turned.set(at, known);
    const { values, sizes } = known.rows(keys);
    return (index) => ({ from: values.from, at: values.keys[index] * width, sizes: sizes.from });
  }
}
