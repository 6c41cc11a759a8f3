import type { Task } from "../../core/problem.ts";
import { rowOffset } from "../../core/shape.ts";
import { type SoftmaxPattern, scaleOf } from "../../mechanisms/softmax-pattern/declare.ts";
import type { DecodeSchedule } from "../decode/compile-decode.ts";
import { decodeHeads } from "../decode/heads.ts";
import { checkPrefill, checkStep } from "../decode/refuse.ts";
import type { Stepper, Token } from "../stepper.ts";
import { Workspace } from "../workspace.ts";

/** Keys and values of one head of one batch entry, `[slots, headDim]` each. */
interface Cache {
  readonly keys: Float32Array;
  readonly values: Float32Array;
  readonly schedule: DecodeSchedule;
}

/**
 * Softmax attention, one query at a time over the keys that are kept. Scores, weights and sums are float64.
 */
export function prepareSoftmaxSteps(task: Task, mechanism: SoftmaxPattern): Stepper {
  const { shape } = task;
  const { batch, heads, length, headDim } = shape;
  const planned = decodeHeads(task, mechanism);
  const scale = scaleOf(mechanism, headDim);
  const caches: Cache[] = Array.from({ length: batch * heads }, (_, slice) => {
    const { schedule } = planned.caches[planned.cacheOf[slice % heads]];
    const rows = (): Float32Array => new Float32Array(schedule.slots * headDim);
    return { keys: rows(), values: rows(), schedule };
  });
  const workspace = new Workspace();
  const query = workspace.float64(headDim);
  const sums = workspace.float64(headDim);
  const weights = workspace.float64(Math.max(...planned.distinct.map(({ mostKeys }) => mostKeys)));
  let position = 0;

  return {
    get position() {
      return position;
    },
    capacity: length,
    get stateBytes() {
      return planned.stateBytes(position);
    },
    get stepBytes() {
      return planned.stepBytes(position);
    },
    workspaceBytes: workspace.bytes + planned.tableBytes,
    reset() {
      position = 0;
    },
    prefill(inputs, count) {
      checkPrefill(shape, position, inputs, count);
      const end = position + count;
      for (const [slice, { keys, values, schedule }] of caches.entries()) {
        const base = rowOffset(inputs.shape, Math.floor(slice / heads), slice % heads, 0);
        for (let token = position; token < end; token++) {
          // Keys that the tokens taken in here attend for the last time are never read.
          if (schedule.lastQuery[token] < end) continue;
          const at = base + token * headDim;
          const slot = schedule.slotOf[token] * headDim;
          keys.set(inputs.k.subarray(at, at + headDim), slot);
          values.set(inputs.v.subarray(at, at + headDim), slot);
        }
      }
      position = end;
    },
    step(token) {
      checkStep(shape, position, token);
      for (let slice = 0; slice < caches.length; slice++) {
        const cache = caches[slice];
        const at = slice * headDim;
        keep(cache, position, token, at, headDim);
        attend(cache, position, token, at, headDim, scale, query, weights, sums);
      }
      position++;
    },
    dispose() {},
  };
}

/** Puts the token's key and value at `at` into their slot. */
function keep(
  { keys, values, schedule }: Cache,
  position: number,
  token: Token,
  at: number,
  headDim: number,
) {
  const slot = schedule.slotOf[position];
  if (slot < 0) return;
  for (let i = 0; i < headDim; i++) {
    keys[slot * headDim + i] = token.k[at + i];
    values[slot * headDim + i] = token.v[at + i];
  }
}

/**
 * The output of one query over its row's pieces; zeros if it has none. One function, so that no number is
 * boxed.
 */
function attend(
  { keys, values, schedule }: Cache,
  position: number,
  token: Token,
  at: number,
  headDim: number,
  scale: number,
  query: Float64Array,
  weights: Float64Array,
  sums: Float64Array,
): void {
  const { pieces, rowAt, lastCount } = schedule;
  const row = rowAt[position];
  const last = pieces[row] - 1;
  for (let i = 0; i < headDim; i++) query[i] = token.q[at + i] * scale;
  // Not -∞: minus a score of -∞ that would be NaN.
  let maximum = -Number.MAX_VALUE;
  let count = 0;
  for (let piece = 0; piece <= last; piece++) {
    const first = pieces[row + 1 + 3 * piece] * headDim;
    const step = pieces[row + 2 + 3 * piece] * headDim;
    const many = piece === last ? lastCount[position] : pieces[row + 3 + 3 * piece];
    for (let n = 0, key = first; n < many; n++, key += step) {
      let score = 0;
      for (let i = 0; i < headDim; i++) score += query[i] * keys[key + i];
      weights[count++] = score;
      if (score > maximum) maximum = score;
    }
  }
  let total = 0;
  for (let n = 0; n < count; n++) {
    const weight = Math.exp(weights[n] - maximum);
    weights[n] = weight;
    total += weight;
  }
  sums.fill(0);
  count = 0;
  for (let piece = 0; piece <= last; piece++) {
    const first = pieces[row + 1 + 3 * piece] * headDim;
    const step = pieces[row + 2 + 3 * piece] * headDim;
    const many = piece === last ? lastCount[position] : pieces[row + 3 + 3 * piece];
    for (let n = 0, value = first; n < many; n++, value += step) {
      const weight = weights[count++];
      for (let i = 0; i < headDim; i++) sums[i] += weight * values[value + i];
    }
  }
  const factor = count === 0 ? 0 : 1 / total;
  for (let i = 0; i < headDim; i++) token.out[at + i] = sums[i] * factor;
}
