import { FLOAT_BYTES } from "../../../../core/shape.ts";
import type { Arena, Region } from "../../arena.ts";

interface GateSizes {
  readonly length: number;
  readonly headDim: number;
  readonly valueDim: number;
}

/** What gates are made of: of each softmax its output and the two numbers of each row, one softmax after the other. */
interface GateRows {
  readonly q: Float32Array;
  readonly dout: Float32Array;
  readonly outs: Float32Array;
  readonly sums: Float32Array;
}

/** The gates `σ(q·w)` of a head's softmaxes, and what comes to them. */
export class NsaGates {
  /** Bytes of scratch. */
  readonly bytes: number;
  /** Where the gradient of queries through means is to be. */
  readonly ofMeansAt: number;
  readonly #arena: Arena;
  readonly #region: Region;
  readonly #sizes: GateSizes;
  /** The sums of rows with the gate in their factor, `[gates, length, 2]`. */
  readonly #sums: Float32Array;
  readonly #ofMeans: Float32Array;
  /** The gradient of each logit, `[gates, length]`. */
  readonly #slopes: Float64Array;

  constructor(arena: Arena, sizes: GateSizes, gates: number) {
    const { length, headDim } = sizes;
    const count = gates * length;
    this.#region = arena.reserve((2 * count + length * headDim) * FLOAT_BYTES);
    this.#arena = arena;
    this.#sizes = sizes;
    this.#sums = arena.floats(this.#region.start, 2 * count);
    this.ofMeansAt = this.#region.start + 2 * count * FLOAT_BYTES;
    this.#ofMeans = arena.floats(this.ofMeansAt, length * headDim);
    this.#slopes = new Float64Array(count);
    this.bytes = this.#region.bytes + this.#slopes.byteLength;
  }

  /** Where the two numbers of each row are, of one softmax. */
  sumsAt(gate: number): number {
    return this.#sums.byteOffset + gate * 2 * this.#sizes.length * FLOAT_BYTES;
  }

  open({ q, dout, outs, sums }: GateRows, weights: readonly Float32Array[]): void {
    const { length, headDim, valueDim } = this.#sizes;
    for (const [index, ofGate] of weights.entries()) {
      for (let row = 0; row < length; row++) {
        const gate = 1 / (1 + Math.exp(-dot(q, row * headDim, ofGate, 0, headDim)));
        const at = index * length + row;
        const along = dot(dout, row * valueDim, outs, at * valueDim, valueDim);
        this.#slopes[at] = along * gate * (1 - gate);
        this.#sums[2 * at] = sums[2 * at];
        this.#sums[2 * at + 1] = sums[2 * at + 1] * gate;
      }
    }
  }

  /** Adds to dq what comes through means and gates, and to the sums of each gate's weights what comes to them. */
  close(
    q: Float32Array,
    dq: Float32Array,
    weights: readonly Float32Array[],
    ofWeights: readonly Float64Array[],
  ): void {
    const { length, headDim } = this.#sizes;
    for (let at = 0; at < length * headDim; at++) dq[at] += this.#ofMeans[at];
    for (const [index, ofGate] of weights.entries()) {
      const sums = ofWeights[index];
      for (let row = 0; row < length; row++) {
        const slope = this.#slopes[index * length + row];
        // What is no number stays out of the weights where no dout comes.
        if (slope === 0) continue;
        for (let i = 0, at = row * headDim; i < headDim; i++, at++) {
          dq[at] += slope * ofGate[i];
          sums[i] += slope * q[at];
        }
      }
    }
  }

  dispose(): void {
    this.#arena.release(this.#region);
  }
}

function dot(a: Float32Array, atA: number, b: Float32Array, atB: number, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += a[atA + i] * b[atB + i];
  return sum;
}
