import type { Shape } from "../../../core/shape.ts";
import type { Recurrence } from "../../../mechanisms/recurrence/declare.ts";
import type { Workspace } from "../../workspace.ts";
import { RecurrenceGates, type TokenRows } from "../recurrence-gates.ts";
import { addToState, readState, stepState } from "./state-products.ts";

/** What is added to the squares of a row that is brought to length 1. */
const LENGTH_EPSILON = 1e-6;

/** One token of a head of a recurrence: its rows as the state takes them, its gates, and what it writes. */
export class RecurrenceToken {
  readonly gates: RecurrenceGates;
  /** `[headDim]`: q, the key that is written by, and that by which the state is erased. */
  readonly query: Float64Array;
  readonly key: Float64Array;
  readonly erased: Float64Array;
  /** The lengths of q and k where they are brought to length 1. */
  readonly lengths: Float64Array;
  /** β times the key, β times the erased key, and by what the state is read to be erased: after its decay times α. */
  readonly written: Float64Array;
  readonly erasing: Float64Array;
  readonly recalling: Float64Array;
  /** `[valueDim]`: v, what is written of it, and what the state holds of the erased key. */
  readonly value: Float64Array;
  readonly change: Float64Array;
  readonly held: Float64Array;
  /** k as it is given. */
  readonly given: Float64Array;
  readonly #mechanism: Recurrence;

  constructor(mechanism: Recurrence, shape: Shape, tokens: TokenRows, workspace: Workspace) {
    const channels = (): Float64Array => workspace.float64(shape.headDim);
    const values = (): Float64Array => workspace.float64(shape.valueDim);
    this.#mechanism = mechanism;
    this.gates = new RecurrenceGates(mechanism, shape, tokens);
    this.query = channels();
    this.key = channels();
    this.erased = channels();
    this.written = channels();
    this.erasing = channels();
    this.recalling = channels();
    this.given = channels();
    this.value = values();
    this.change = values();
    this.held = values();
    this.lengths = workspace.float64(2);
  }

  /** Reads the token in this row of head `head`, and makes its gates. */
  take(head: number, tokens: TokenRows, row: number): void {
    const { unit, erase } = this.#mechanism;
    const { query, key, erased, given, lengths } = this;
    load(tokens.q, row, query);
    load(tokens.k, row, given);
    load(tokens.v, row, this.value);
    this.gates.take(head, given, tokens, row);
    key.set(given);
    erased.set(given);
    if (unit === "both") {
      toUnit(query, lengths, 0);
      toUnit(key, lengths, 1);
    }
    if (unit !== null) toUnit(erased, lengths, 1);
    const { decay, write } = this.gates;
    const isLate = erase === "after-decay";
    for (let c = 0; c < key.length; c++) {
      this.written[c] = write[c] * key[c];
      this.erasing[c] = write[c] * erased[c];
      this.recalling[c] = isLate ? decay[c] * erased[c] : erased[c];
    }
  }

  /** What the state before the token, from `at` on, holds of its key, and what is then written. */
  recall(numbers: Float64Array, at: number): void {
    const { erase } = this.#mechanism;
    const { value, change, held } = this;
    if (erase !== null) readState(numbers, at, this.recalling, held);
    if (erase === "after-decay") for (let j = 0; j < value.length; j++) change[j] = value[j] - held[j];
    else change.set(value);
  }

  /** Writes it into the state from `at` on. */
  writeInto(numbers: Float64Array, at: number): void {
    this.recall(numbers, at);
    stepState(numbers, at, this.gates.decay, this.written, this.change);
    if (this.#mechanism.erase === "before-decay") addToState(numbers, at, -1, this.erasing, this.held);
  }
}

function load(tensor: Float32Array, row: number, to: Float64Array): void {
  const at = row * to.length;
  for (let c = 0; c < to.length; c++) to[c] = tensor[at + c];
}

/** Brings a row to length 1, and keeps the length that it had. */
function toUnit(row: Float64Array, lengths: Float64Array, index: number): void {
  let squares = 0;
  for (let c = 0; c < row.length; c++) squares += row[c] * row[c];
  const length = Math.sqrt(squares + LENGTH_EPSILON);
  for (let c = 0; c < row.length; c++) row[c] /= length;
  lengths[index] = length;
}
