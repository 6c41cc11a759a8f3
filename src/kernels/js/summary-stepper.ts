import type { Task } from "../../core/problem.ts";
import { chainOf, poolingOf, type Summary } from "../../mechanisms/summary/declare.ts";
import { eachToken } from "../decode/each-token.ts";
import { checkPrefill, checkStep } from "../decode/refuse.ts";
import type { Stepper } from "../stepper.ts";
import { Workspace } from "../workspace.ts";

const FLOAT64_BYTES = 8;

/** What a head of k and v keeps, in float64: means of blocks that have ended, and the sum of a running one. */
interface Kept {
  /** `[blocks, headDim]`. */
  readonly keys: Float64Array;
  /** `[blocks, valueDim]`. */
  readonly values: Float64Array;
  /** `[headDim + valueDim]`. */
  readonly running: Float64Array;
}

/** Pooled attention, one query at a time over the means of the blocks that have ended. */
export function preparePooledSteps({ mechanism, shape }: Task<Summary>): Stepper {
  const { batch, heads, kvHeads, length, headDim, valueDim } = shape;
  const pooling = poolingOf(chainOf(mechanism, shape, true));
  if (pooling === null) throw new TypeError(`${mechanism.text}: it is not decoded`);
  const { size, scale } = pooling;
  const blocks = Math.floor(length / size);
  const kept = Array.from(
    { length: batch * kvHeads },
    (): Kept => ({
      keys: new Float64Array(blocks * headDim),
      values: new Float64Array(blocks * valueDim),
      running: new Float64Array(headDim + valueDim),
    }),
  );
  const workspace = new Workspace();
  const scores = workspace.float64(blocks);
  const sums = workspace.float64(valueDim);
  const group = heads / kvHeads;
  const floats = batch * kvHeads * (headDim + valueDim);
  let position = 0;

  /** One token more, at an index of its block, which ends with the last. */
  const takeIn = (
    { keys, values, running }: Kept,
    token: number,
    k: Float32Array,
    keyAt: number,
    v: Float32Array,
    valueAt: number,
  ): void => {
    for (let i = 0; i < headDim; i++) running[i] += k[keyAt + i];
    for (let i = 0; i < valueDim; i++) running[headDim + i] += v[valueAt + i];
    if ((token + 1) % size !== 0) return;
    const block = (token + 1) / size - 1;
    for (let i = 0; i < headDim; i++) keys[block * headDim + i] = running[i] / size;
    for (let i = 0; i < valueDim; i++) values[block * valueDim + i] = running[headDim + i] / size;
    running.fill(0);
  };
  const attend = (
    { keys, values }: Kept,
    ended: number,
    q: Float32Array,
    queryAt: number,
    out: Float32Array,
    outAt: number,
  ): void => {
    let largest = -Number.MAX_VALUE;
    for (let block = 0; block < ended; block++) {
      let score = 0;
      for (let i = 0; i < headDim; i++) score += q[queryAt + i] * keys[block * headDim + i];
      scores[block] = score * scale;
      if (scores[block] > largest) largest = scores[block];
    }
    sums.fill(0);
    let total = 0;
    for (let block = 0; block < ended; block++) {
      const weight = Math.exp(scores[block] - largest);
      total += weight;
      for (let i = 0; i < valueDim; i++) sums[i] += weight * values[block * valueDim + i];
    }
    for (let i = 0; i < valueDim; i++) out[outAt + i] = ended === 0 ? 0 : sums[i] / total;
  };

  return {
    get position() {
      return position;
    },
    capacity: length,
    get stateBytes() {
      return FLOAT64_BYTES * floats * Math.ceil(position / size);
    },
    get stepBytes() {
      if (position >= length) return 0;
      // The means that are attended, and the running sum before and after.
      const attended = Math.floor((position + 1) / size);
      return FLOAT64_BYTES * floats * (attended + (position % size > 0 ? 2 : 1));
    },
    workspaceBytes: workspace.bytes,
    reset() {
      position = 0;
      for (const { running } of kept) running.fill(0);
    },
    prefill(inputs, count) {
      checkPrefill(shape, position, inputs, count);
      eachToken(inputs, { from: position, to: position + count }, (slice, token, keyAt, valueAt) => {
        takeIn(kept[slice], token, inputs.k, keyAt, inputs.v, valueAt);
      });
      position += count;
    },
    step(token) {
      checkStep(shape, position, token);
      const ended = Math.floor((position + 1) / size);
      for (let slice = 0; slice < kept.length; slice++) {
        takeIn(kept[slice], position, token.k, slice * headDim, token.v, slice * valueDim);
        for (let reader = slice * group; reader < (slice + 1) * group; reader++) {
          attend(kept[slice], ended, token.q, reader * headDim, token.out, reader * valueDim);
        }
      }
      position++;
    },
    dispose() {},
  };
}
