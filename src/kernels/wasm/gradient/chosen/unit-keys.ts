import { FLOAT_BYTES } from "../../../../core/shape.ts";
import type { Arena, Region } from "../../arena.ts";

/** Lengths between which the inverse is an ordinary float32 number, as `assembly/unit-rows.ts` has them. */
const LEAST = 2 ** -60;
const MOST = 2 ** 60;

/** Floats behind a tensor, so that whole vectors may be read there. */
const BEHIND = 16;

/** The queries of a head brought to length 1, to the bit as the forward pass has them, and what comes to them; rows of zeros stay so. */
export class UnitKeys {
  readonly keysAt: number;
  readonly gradientsAt: number;
  /** Bytes of scratch. */
  readonly bytes: number;
  readonly #arena: Arena;
  readonly #region: Region;
  readonly #width: number;
  readonly #units: Float32Array;
  readonly #gradients: Float32Array;
  readonly #lengths: Float64Array;

  constructor(arena: Arena, rows: number, width: number) {
    const count = rows * width;
    this.#arena = arena;
    this.#region = arena.reserve(2 * (count + BEHIND) * FLOAT_BYTES);
    this.#width = width;
    this.keysAt = this.#region.start;
    this.gradientsAt = this.keysAt + (count + BEHIND) * FLOAT_BYTES;
    this.#units = arena.floats(this.keysAt, count);
    this.#gradients = arena.floats(this.gradientsAt, count);
    this.#lengths = new Float64Array(rows);
    this.bytes = this.#region.bytes + this.#lengths.byteLength;
  }

  open(q: Float32Array): void {
    const [width, units] = [this.#width, this.#units];
    this.#gradients.fill(0);
    for (let row = 0; row < this.#lengths.length; row++) {
      const [from, end] = [row * width, (row + 1) * width];
      const length = lengthOf(q, from, end);
      this.#lengths[row] = length;
      if (length > LEAST && length < MOST) {
        const factor = Math.fround(1 / length);
        for (let at = from; at < end; at++) units[at] = q[at] * factor;
      } else for (let at = from; at < end; at++) units[at] = length === 0 ? 0 : q[at] / length;
    }
  }

  /** Adds to dq what came to the units: only what is across them, over the length. */
  close(q: Float32Array, dq: Float32Array): void {
    const [width, gradients] = [this.#width, this.#gradients];
    for (let row = 0; row < this.#lengths.length; row++) {
      const length = this.#lengths[row];
      if (length === 0) continue;
      const [from, end] = [row * width, (row + 1) * width];
      let along = 0;
      for (let at = from; at < end; at++) along += (q[at] / length) * gradients[at];
      for (let at = from; at < end; at++) dq[at] += (gradients[at] - (q[at] / length) * along) / length;
    }
  }

  dispose(): void {
    this.#arena.release(this.#region);
  }
}

/** In the order in which the module adds up squares. */
function lengthOf(q: Float32Array, from: number, end: number): number {
  const last = end - ((end - from) % 2);
  let [even, odd] = [0, 0];
  for (let at = from; at < last; at += 2) {
    even += q[at] * q[at];
    odd += q[at + 1] * q[at + 1];
  }
  const sum = even + odd;
  return Math.sqrt(last === end ? sum : sum + q[last] * q[last]);
}
