import type { Task } from "../../core/problem.ts";
import { FLOAT_BYTES, layoutOf, offsetIn } from "../../core/shape.ts";
import { type Aft, LEARNED } from "../../mechanisms/aft/declare.ts";
import { checkPrefill, checkStep } from "../decode/refuse.ts";
import { learned } from "../learned.ts";
import type { Stepper, Weights } from "../stepper.ts";
import { ChannelSums } from "./channel-sums.ts";

/** No bias. */
const NONE = new Float64Array(1);

/**
 * An attention-free transformer one token at a time. Keys and values are kept as long as their bias may be asked
 * for, in a ring; those before are three float64 numbers of each channel.
 */
export function prepareAftSteps({ shape }: Task, { biases }: Aft, weights: Weights): Stepper {
  const { batch, heads, length, headDim } = shape;
  const slices = batch * heads;
  const window = biases === null ? 1 : biases.window === 0 ? length : Math.min(length, biases.window);
  const [u, w] =
    biases === null ? [] : [LEARNED.ofQueries, LEARNED.ofKeys].map((name) => learned(weights, name));
  const rank = biases?.rank ?? 0;
  const isRing = biases === null || window < length;
  const past = Array.from({ length: isRing ? slices : 0 }, () => new ChannelSums(headDim));
  const own = new ChannelSums(headDim);
  const bias = new Float64Array(1);
  /** The last `window` keys and values of each slice. */
  const ring = slices * window * headDim;
  const [keys, values] = [new Float32Array(ring), new Float32Array(ring)];
  /** Tokens of the ring that are kept for later: with no biases none is. */
  const kept = (tokens: number): number =>
    biases === null ? 0 : Math.min(tokens, isRing ? window - 1 : window);
  const summedBytes = past.reduce((sum, { bytes }) => sum + bytes, 0);
  let position = 0;

  const slotOf = (slice: number, token: number): number => (slice * window + (token % window)) * headDim;

  /** Takes in a token: the one that leaves the window is added to those before it. */
  const takeIn = (slice: number, token: number, k: Float32Array, v: Float32Array, at: number): void => {
    if (biases === null) {
      past[slice].addBiasedKey(k, v, at, NONE, 0);
      return;
    }
    const slot = slotOf(slice, token);
    if (token >= window) past[slice].addBiasedKey(keys, values, slot, NONE, 0);
    for (let c = 0; c < headDim; c++) {
      keys[slot + c] = k[at + c];
      values[slot + c] = v[at + c];
    }
  };

  const read = (slice: number, q: Float32Array, out: Float32Array): void => {
    if (biases === null) {
      past[slice].write(q, slice * headDim, out);
      return;
    }
    if (isRing) own.copyFrom(past[slice]);
    else own.clear();
    const table = (slice % heads) * length;
    for (let key = Math.max(0, position - window + 1); key <= position; key++) {
      bias[0] = 0;
      for (let r = 0; r < rank; r++)
        bias[0] += u[(table + position) * rank + r] * w[(table + key) * rank + r];
      own.addBiasedKey(keys, values, slotOf(slice, key), bias, 0);
    }
    own.write(q, slice * headDim, out);
  };

  return {
    get position() {
      return position;
    },
    capacity: length,
    get stateBytes() {
      return summedBytes + 2 * FLOAT_BYTES * slices * headDim * kept(position);
    },
    get stepBytes() {
      if (position >= length) return 0;
      const added = biases === null ? 0 : 1;
      return 2 * summedBytes + 2 * FLOAT_BYTES * slices * headDim * (kept(position) + added);
    },
    workspaceBytes: own.bytes,
    reset() {
      for (const sums of past) sums.clear();
      position = 0;
    },
    prefill(inputs, count) {
      checkPrefill(shape, position, inputs, count);
      const layout = layoutOf(inputs.shape, "k");
      for (let slice = 0; slice < slices; slice++) {
        for (let token = position; token < position + count; token++) {
          const at = offsetIn(layout, Math.floor(slice / heads), slice % heads, token);
          takeIn(slice, token, inputs.k, inputs.v, at);
        }
      }
      position += count;
    },
    step(token) {
      checkStep(shape, position, token);
      for (let slice = 0; slice < slices; slice++) {
        takeIn(slice, position, token.k, token.v, slice * headDim);
        read(slice, token.q, token.out);
      }
      position++;
    },
    dispose() {},
  };
}
