import type { ExactProblem } from "../../core/problem.ts";
import { layoutOf, offsetIn } from "../../core/shape.ts";
import type { Numbers } from "../../core/tensors.ts";
import { type Rounding, sumsOf } from "../oracle.ts";
import type { Path } from "../swept-heads.ts";
import type { Recurrence } from "./declare.ts";
import { gatesOf } from "./gates.ts";
import { State } from "./state.ts";
import { dot, toUnitLength } from "./unit-length.ts";

/**
 * One head of a recurrence, token by token, as it is defined: what is erased, decay, write and read.
 * `round` takes the result of every operation; `lean` is that of the decays.
 */
export function pathOf(
  problem: ExactProblem<Recurrence>,
  batch: number,
  head: number,
  round: Rounding,
  lean = 0,
): Path {
  const { mechanism, inputs } = problem;
  const { shape, q, k, v } = inputs;
  const { headDim, valueDim } = shape;
  const { erase, bonus, unit, skip, scale = null } = mechanism;
  const factor = scale ?? 1 / Math.sqrt(headDim);
  const [ofQ, ofK, ofV] = (["q", "k", "v"] as const).map((name) => layoutOf(shape, name));
  const gates = gatesOf(problem, batch, head, sumsOf(round), lean);
  const state = new State(headDim, valueDim, round);
  const query = new Float64Array(headDim);
  const key = new Float64Array(headDim);
  /** The key by which the state is read to be erased. */
  const erased = new Float64Array(headDim);
  /** What is written with, and what is erased with. */
  const written = new Float64Array(headDim);
  const recalled = new Float64Array(headDim);
  const all = new Float64Array(headDim).fill(1);
  const value = new Float64Array(valueDim);
  const held = new Float64Array(valueDim);
  const row = new Float64Array(valueDim);

  /** A row of q or k, brought to length 1 or not. */
  function fetch(from: Numbers, at: number, toUnit: boolean, to: Float64Array): void {
    for (let i = 0; i < headDim; i++) to[i] = from[at + i];
    if (toUnit) toUnitLength(to, round);
  }

  /** Reads what the state holds of a key, before its decay or after it; roundings of the key are those of the products. */
  function recall(decayed: boolean): void {
    for (let i = 0; i < headDim; i++) recalled[i] = round(decayed ? gates.decay[i] * erased[i] : erased[i]);
    state.read(recalled, held);
    for (let j = 0; j < valueDim; j++) held[j] = round(held[j]);
  }

  function readOut(): void {
    for (let i = 0; i < headDim; i++) query[i] = round(query[i]);
    state.read(query, row);
    for (let j = 0; j < valueDim; j++) row[j] = round(row[j]);
  }

  /** Writes by a key, into a state of which so much is kept. */
  function write(sign: 1 | -1, by: Float64Array, what: Float64Array, kept: Float64Array): void {
    for (let i = 0; i < headDim; i++) written[i] = sign * round(gates.write[i] * by[i]);
    state.step(kept, written, what);
  }

  return {
    row,
    advance(token) {
      const keyAt = offsetIn(ofK, batch, head, token);
      const valueAt = offsetIn(ofV, batch, head, token);
      fetch(q, offsetIn(ofQ, batch, head, token), unit === "both", query);
      fetch(k, keyAt, unit === "both", key);
      for (let j = 0; j < valueDim; j++) value[j] = round(v[valueAt + j]);
      gates.take(token, keyAt);
      if (erase !== null) fetch(k, keyAt, unit !== null, erased);
      const before = bonus === null ? 0 : round(bonus * dot(query, key, round));
      if (bonus !== null) readOut();
      if (erase !== null) recall(erase === "after-decay");
      if (erase === "after-decay") {
        for (let j = 0; j < valueDim; j++) value[j] = round(value[j] - held[j]);
      }
      write(1, key, value, gates.decay);
      if (erase === "before-decay") write(-1, erased, held, all);
      if (bonus === null) readOut();
      for (let j = 0; j < valueDim; j++) {
        const own = v[valueAt + j];
        const sum = bonus === null ? row[j] : round(row[j] + round(before * own));
        const read = round(factor * sum);
        row[j] = skip === 0 ? read : round(read + round(skip * own));
      }
    },
  };
}
