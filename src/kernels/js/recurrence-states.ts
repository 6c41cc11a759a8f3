import { FLOAT_BYTES, type Shape } from "../../core/shape.ts";
import type { Recurrence } from "../../mechanisms/recurrence/declare.ts";
import type { Weights } from "../stepper.ts";
import { RecurrenceGates, type TokenRows } from "./recurrence-gates.ts";

/** Bytes of a float64. */
const DOUBLE_BYTES = 2 * FLOAT_BYTES;

/** What is added to the squares of a row that is brought to length 1. */
const LENGTH_EPSILON = 1e-6;

/** Recurrences of matrices in float64: the states `[headDim, valueDim]` of several heads, and what takes in a token. */
export class RecurrenceStates {
  readonly stateBytes: number;
  /** Bytes of scratch. */
  readonly workspaceBytes: number;
  /** Operations of a token in one head. */
  readonly flops: number;
  readonly #mechanism: Recurrence;
  readonly #scale: number;
  readonly #gates: RecurrenceGates;
  readonly #numbers: Float64Array;
  /** A token: its query, its key, what is erased with, and what is written with, `[headDim]` each. */
  readonly #query: Float64Array;
  readonly #key: Float64Array;
  readonly #written: Float64Array;
  /** What is written, and what is read, `[valueDim]` each. */
  readonly #value: Float64Array;
  readonly #read: Float64Array;
  /** The length of a key. */
  readonly #size = new Float64Array(1);

  constructor(mechanism: Recurrence, shape: Shape, slices: number, weights: Weights) {
    const { headDim, valueDim } = shape;
    this.#mechanism = mechanism;
    this.#scale = mechanism.scale ?? 1 / Math.sqrt(headDim);
    this.#gates = new RecurrenceGates(mechanism, shape, weights);
    this.#numbers = new Float64Array(slices * headDim * valueDim);
    this.#query = new Float64Array(headDim);
    this.#key = new Float64Array(headDim);
    this.#written = new Float64Array(headDim);
    this.#value = new Float64Array(valueDim);
    this.#read = new Float64Array(valueDim);
    this.stateBytes = this.#numbers.byteLength;
    // Those, and three numbers a channel of gates.
    this.workspaceBytes = (6 * headDim + 2 * valueDim + 1) * DOUBLE_BYTES;
    const reads = mechanism.erase === null ? 1 : 2;
    this.flops = (3 + 2 * reads) * headDim * valueDim + this.#gates.flops;
  }

  /** Refuses tokens that lack a gate that is given; `what` is what takes them in, and `rows` how many rows they have. */
  check(what: string, tokens: TokenRows, rows: number): void {
    this.#gates.check(what, tokens, rows);
  }

  clear(): void {
    this.#numbers.fill(0);
  }

  /** Takes the token in row `row` into the state `slice` of head `head`, after `read` if it is read before that. */
  takeIn(slice: number, head: number, tokens: TokenRows, row: number): void {
    const { erase, unit } = this.#mechanism;
    const gates = this.#gates;
    const key = this.#key;
    const written = this.#written;
    const value = this.#value;
    const held = this.#read;
    const { decay, write } = gates;
    const from = slice * key.length * value.length;
    gates.take(head, tokens, row);
    fetch(tokens.k, row, unit !== null, key, this.#size);
    for (let c = 0; c < key.length; c++) written[c] = write[c] * key[c];
    // RWKV-7 erases by a unit key and writes by the key itself: so many times as much.
    const size = unit === "erasure" ? this.#size[0] : 1;
    for (let j = 0; j < value.length; j++) value[j] = size * tokens.v[row * value.length + j];
    if (erase !== null) {
      if (erase === "after-decay") for (let c = 0; c < key.length; c++) key[c] *= decay[c];
      this.#sum(from, key, held);
      for (let j = 0; j < value.length; j++) value[j] -= held[j];
    }
    this.#update(from, decay, written, value);
  }

  /** Writes the output of the token in row `row` to that of `out`: after `takeIn`, or before it if there is a bonus. */
  read(slice: number, tokens: TokenRows, row: number, out: Float32Array): void {
    const { bonus, unit, skip } = this.#mechanism;
    const query = this.#query;
    const read = this.#read;
    const scale = this.#scale;
    const outAt = row * read.length;
    fetch(tokens.q, row, unit === "both", query, this.#size);
    this.#sum(slice * query.length * read.length, query, read);
    if (bonus !== null) {
      const key = this.#key;
      fetch(tokens.k, row, unit === "both", key, this.#size);
      let product = 0;
      for (let c = 0; c < key.length; c++) product += query[c] * key[c];
      for (let j = 0; j < read.length; j++) read[j] += bonus * product * tokens.v[outAt + j];
    }
    if (skip === 0) for (let j = 0; j < read.length; j++) out[outAt + j] = scale * read[j];
    else for (let j = 0; j < read.length; j++) out[outAt + j] = scale * read[j] + skip * tokens.v[outAt + j];
  }

  /** Whether a token is read before it is taken in. */
  get readsFirst(): boolean {
    return this.#mechanism.bonus !== null;
  }

  /** `to = Sᵀ x`, two rows of S at a time. */
  #sum(from: number, x: Float64Array, to: Float64Array): void {
    const numbers = this.#numbers;
    const values = to.length;
    const even = x.length & ~1;
    to.fill(0);
    for (let c = 0; c < even; c += 2) {
      const at = from + c * values;
      const first = x[c];
      const second = x[c + 1];
      for (let j = 0; j < values; j++) to[j] += first * numbers[at + j] + second * numbers[at + values + j];
    }
    for (let c = even; c < x.length; c++) {
      const at = from + c * values;
      for (let j = 0; j < values; j++) to[j] += x[c] * numbers[at + j];
    }
  }

  /** `S ← diag(decay) S + x yᵀ`. */
  #update(from: number, decay: Float64Array, x: Float64Array, y: Float64Array): void {
    const numbers = this.#numbers;
    const values = y.length;
    for (let c = 0; c < x.length; c++) {
      const at = from + c * values;
      const kept = decay[c];
      const factor = x[c];
      for (let j = 0; j < values; j++) numbers[at + j] = kept * numbers[at + j] + factor * y[j];
    }
  }
}

/**
 * A row of q or k, brought to length 1 or not; and into `size` its length, to which what keeps 0 from being divided is added:
 * a fraction returned would be kept on the heap.
 */
function fetch(
  tensor: Float32Array,
  row: number,
  toUnit: boolean,
  to: Float64Array,
  size: Float64Array,
): void {
  const at = row * to.length;
  for (let c = 0; c < to.length; c++) to[c] = tensor[at + c];
  if (!toUnit) return;
  let squares = 0;
  for (let c = 0; c < to.length; c++) squares += to[c] * to[c];
  const length = Math.sqrt(squares + LENGTH_EPSILON);
  for (let c = 0; c < to.length; c++) to[c] /= length;
  size[0] = length;
}
