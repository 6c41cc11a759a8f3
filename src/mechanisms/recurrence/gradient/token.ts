import { layoutOf, offsetIn } from "../../../core/shape.ts";
import type { Numbers } from "../../../core/tensors.ts";
import type { GradientProblem } from "../../gradient/gradient-kind.ts";
import { type Rounding, sumsOf } from "../../oracle.ts";
import type { Recurrence } from "../declare.ts";
import { type Gates, gatesOf } from "../gates.ts";
import { toUnitLength } from "../unit-length.ts";

/** What a recurrence is told by one token of a head: its rows as they enter the state, and its gates. */
export class Token {
  /** Where its key begins in k, and its value in v. */
  keyAt = 0;
  valueAt = 0;
  /** `[headDim]`: q and k as they are read and written, and the key by which the state is erased. */
  readonly query: Float64Array;
  readonly key: Float64Array;
  readonly erased: Float64Array;
  /** The lengths that q, k and the erased key had, where they are brought to length 1. */
  readonly lengths = { query: 1, key: 1, erased: 1 };
  /** `β ⊙ key` and `β ⊙ erased`, `[headDim]`. */
  readonly written: Float64Array;
  readonly erasing: Float64Array;
  /** By what the state is read to be erased: the erased key, after the decay times α. */
  readonly recalling: Float64Array;
  /** `[valueDim]`. */
  readonly value: Float64Array;
  readonly dout: Float64Array;
  readonly gates: Gates;
  readonly #problem: GradientProblem<Recurrence>;
  readonly #head: { readonly batch: number; readonly head: number };
  readonly #round: Rounding;

  constructor(
    problem: GradientProblem<Recurrence>,
    batch: number,
    head: number,
    round: Rounding,
    lean: number,
  ) {
    const { headDim, valueDim } = problem.shape;
    this.#problem = problem;
    this.#head = { batch, head };
    this.#round = round;
    this.gates = gatesOf(problem, batch, head, sumsOf(round), lean);
    const channels = (): Float64Array => new Float64Array(headDim);
    this.query = channels();
    this.key = channels();
    this.erased = channels();
    this.written = channels();
    this.erasing = channels();
    this.recalling = channels();
    this.value = new Float64Array(valueDim);
    this.dout = new Float64Array(valueDim);
  }

  /** Reads a token. */
  take(token: number): void {
    const { mechanism, inputs, shape } = this.#problem;
    const { unit, erase } = mechanism;
    const { batch, head } = this.#head;
    const round = this.#round;
    const places = (["q", "k", "v", "output"] as const).map((name) =>
      offsetIn(layoutOf(shape, name), batch, head, token),
    );
    [, this.keyAt, this.valueAt] = places;
    read(inputs.q, places[0], this.query);
    read(inputs.k, this.keyAt, this.key);
    read(inputs.k, this.keyAt, this.erased);
    read(inputs.v, this.valueAt, this.value);
    read(inputs.dout, places[3], this.dout);
    for (let j = 0; j < this.value.length; j++) this.value[j] = round(this.value[j]);
    if (unit === "both") {
      this.lengths.query = toUnitLength(this.query, round);
      this.lengths.key = toUnitLength(this.key, round);
    }
    if (unit !== null) this.lengths.erased = toUnitLength(this.erased, round);
    this.gates.take(token, this.keyAt);
    const { decay, write } = this.gates;
    for (let c = 0; c < write.length; c++) {
      this.written[c] = round(write[c] * this.key[c]);
      this.erasing[c] = round(write[c] * this.erased[c]);
      this.recalling[c] = erase === "after-decay" ? round(decay[c] * this.erased[c]) : round(this.erased[c]);
    }
  }
}

function read(from: Numbers, at: number, to: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i] = from[at + i];
}
