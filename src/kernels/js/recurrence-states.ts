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
  /** A token: its query, its key, what is written with, and what is erased by, `[headDim]` each. */
  readonly #query: Float64Array;
  readonly #key: Float64Array;
  readonly #written: Float64Array;
  readonly #erased: Float64Array;
  /** v, what is written of it, and what is read, `[valueDim]` each. */
  readonly #value: Float64Array;
  readonly #changed: Float64Array;
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
    this.#erased = new Float64Array(headDim);
    this.#value = new Float64Array(valueDim);
    this.#changed = new Float64Array(valueDim);
    this.#read = new Float64Array(valueDim);
    this.stateBytes = this.#numbers.byteLength;
    // Those, and three numbers a channel of gates.
    this.workspaceBytes = (7 * headDim + 3 * valueDim + 1) * DOUBLE_BYTES;
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

  /** Takes the token in row `row` into the state `slice` of head `head`, and writes its output to that row of `out`. */
  step(slice: number, head: number, tokens: TokenRows, row: number, out: Float32Array): void {
    this.#load(head, tokens, row);
    load(tokens.q, row, this.#query);
    if (this.#mechanism.unit === "both") toUnit(this.#query, this.#size);
    const readsFirst = this.#mechanism.bonus !== null;
    if (readsFirst) this.#sum(slice, this.#query, this.#read);
    this.#write(slice);
    if (!readsFirst) this.#sum(slice, this.#query, this.#read);
    this.#store(row, out);
  }

  /** The same without an output. */
  takeIn(slice: number, head: number, tokens: TokenRows, row: number): void {
    this.#load(head, tokens, row);
    this.#write(slice);
  }

  /** Reads a token and makes its gates. */
  #load(head: number, tokens: TokenRows, row: number): void {
    const { unit } = this.#mechanism;
    const key = this.#key;
    const written = this.#written;
    const { write } = this.#gates;
    load(tokens.k, row, key);
    load(tokens.v, row, this.#value);
    this.#gates.take(head, key, tokens, row);
    if (unit === "erasure") for (let c = 0; c < key.length; c++) written[c] = write[c] * key[c];
    if (unit !== null) toUnit(key, this.#size);
    if (unit !== "erasure") for (let c = 0; c < key.length; c++) written[c] = write[c] * key[c];
  }

  /** Takes away what the state holds of the key, if the mathematics does, and writes v. */
  #write(slice: number): void {
    const { erase, unit } = this.#mechanism;
    const { decay } = this.#gates;
    const key = this.#key;
    const written = this.#written;
    const value = this.#value;
    const changed = this.#changed;
    if (erase === null) {
      this.#update(slice, decay, written, value);
      return;
    }
    const erased = this.#erased;
    const isLate = erase === "after-decay";
    for (let c = 0; c < key.length; c++) erased[c] = isLate ? decay[c] * key[c] : key[c];
    this.#sum(slice, erased, changed);
    // RWKV-7 erases by a unit key and writes by the key itself: v is so many times as long beside what is erased.
    const size = unit === "erasure" ? this.#size[0] : 1;
    for (let j = 0; j < value.length; j++) changed[j] = value[j] - changed[j] / size;
    this.#update(slice, decay, written, changed);
  }

  #store(row: number, out: Float32Array): void {
    const { bonus, skip } = this.#mechanism;
    const read = this.#read;
    const value = this.#value;
    const scale = this.#scale;
    const outAt = row * read.length;
    if (bonus !== null) {
      const query = this.#query;
      const key = this.#key;
      let product = 0;
      for (let c = 0; c < key.length; c++) product += query[c] * key[c];
      for (let j = 0; j < read.length; j++) read[j] += bonus * product * value[j];
    }
    if (skip === 0) for (let j = 0; j < read.length; j++) out[outAt + j] = scale * read[j];
    else for (let j = 0; j < read.length; j++) out[outAt + j] = scale * read[j] + skip * value[j];
  }

  /** `to = Sᵀ x`, two rows of S at a time. */
  #sum(slice: number, x: Float64Array, to: Float64Array): void {
    const numbers = this.#numbers;
    const values = to.length;
    const from = slice * x.length * values;
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
  #update(slice: number, decay: Float64Array, x: Float64Array, y: Float64Array): void {
    const numbers = this.#numbers;
    const values = y.length;
    const from = slice * x.length * values;
    for (let c = 0; c < x.length; c++) {
      const at = from + c * values;
      const kept = decay[c];
      const factor = x[c];
      for (let j = 0; j < values; j++) numbers[at + j] = kept * numbers[at + j] + factor * y[j];
    }
  }
}

function load(tensor: Float32Array, row: number, to: Float64Array): void {
  const at = row * to.length;
  for (let c = 0; c < to.length; c++) to[c] = tensor[at + c];
}

/**
 * Brings a row of q or k to length 1; into `size` its length, to which what keeps 0 from being divided is added: a fraction
 * returned would be kept on the heap.
 */
function toUnit(row: Float64Array, size: Float64Array): void {
  let squares = 0;
  for (let c = 0; c < row.length; c++) squares += row[c] * row[c];
  const length = Math.sqrt(squares + LENGTH_EPSILON);
  for (let c = 0; c < row.length; c++) row[c] /= length;
  size[0] = length;
}
