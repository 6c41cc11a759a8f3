import { FLOAT_BYTES } from "../../../../core/shape.ts";
import type { Arena, Region } from "../../arena.ts";
import type { HeadPlaces } from "./tile-call.ts";

interface MeanSizes {
  readonly length: number;
  readonly block: number;
  readonly headDim: number;
  readonly valueDim: number;
}

/** Means of blocks of keys and values, and what comes to them, which goes on to every row of a block alike. */
export class NsaMeans {
  /** Bytes of scratch. */
  readonly bytes: number;
  readonly #arena: Arena;
  readonly #region: Region;
  readonly #sizes: MeanSizes;
  readonly #factor: number;
  readonly #keys: Float32Array;
  readonly #values: Float32Array;
  readonly #ofKeys: Float32Array;
  readonly #ofValues: Float32Array;
  readonly #sums: Float64Array;

  /** `factor` is what means of keys are multiplied by, as the forward pass has them. */
  constructor(arena: Arena, sizes: MeanSizes, factor: number) {
    const { length, block, headDim, valueDim } = sizes;
    const blocks = Math.ceil(length / block);
    const counts = [headDim, valueDim, headDim, valueDim].map((width) => blocks * width + BEHIND);
    const region = arena.reserve(counts.reduce((sum, count) => sum + count) * FLOAT_BYTES);
    let at = region.start;
    const [keys, values, ofKeys, ofValues] = counts.map((count) => {
      at += count * FLOAT_BYTES;
      return arena.floats(at - count * FLOAT_BYTES, count - BEHIND);
    });
    this.#arena = arena;
    this.#region = region;
    this.#sizes = sizes;
    this.#factor = factor;
    this.#keys = keys;
    this.#values = values;
    this.#ofKeys = ofKeys;
    this.#ofValues = ofValues;
    this.#sums = new Float64Array(Math.max(headDim, valueDim));
    this.bytes = region.bytes + this.#sums.byteLength;
  }

  /** Where the means and their gradients are. */
  get places(): Pick<HeadPlaces, "k" | "v" | "dk" | "dv"> {
    return {
      k: this.#keys.byteOffset,
      v: this.#values.byteOffset,
      dk: this.#ofKeys.byteOffset,
      dv: this.#ofValues.byteOffset,
    };
  }

  open(k: Float32Array, v: Float32Array): void {
    const { headDim, valueDim } = this.#sizes;
    this.#mean(k, headDim, this.#factor, this.#keys);
    this.#mean(v, valueDim, 1, this.#values);
  }

  /** Adds what came to the means to the rows that they are of. */
  close(dk: Float32Array, dv: Float32Array): void {
    const { headDim, valueDim } = this.#sizes;
    this.#share(this.#ofKeys, headDim, dk);
    this.#share(this.#ofValues, valueDim, dv);
  }

  dispose(): void {
    this.#arena.release(this.#region);
  }

  #mean(rows: Float32Array, width: number, factor: number, to: Float32Array): void {
    const sums = this.#sums;
    this.#eachBlock((block, first, end) => {
      sums.fill(0);
      for (let at = first * width; at < end * width; ) for (let i = 0; i < width; i++) sums[i] += rows[at++];
      const share = factor / (end - first);
      for (let i = 0; i < width; i++) to[block * width + i] = sums[i] * share;
    });
  }

  #share(from: Float32Array, width: number, to: Float32Array): void {
    this.#eachBlock((block, first, end) => {
      const share = 1 / (end - first);
      for (let at = first * width; at < end * width; ) {
        for (let i = block * width; i < (block + 1) * width; i++) to[at++] += from[i] * share;
      }
    });
  }

  #eachBlock(act: (block: number, first: number, end: number) => void): void {
    const { length, block: size } = this.#sizes;
    for (let first = 0, block = 0; first < length; first += size, block++) {
      act(block, first, Math.min(length, first + size));
    }
  }
}

/** Numbers behind a tensor, so that whole vectors may be read there. */
const BEHIND = 16;
