import type { Task } from "../../core/problem.ts";
import { layoutOf, offsetIn } from "../../core/shape.ts";
import { type SoftmaxPattern, scaleOf } from "../../mechanisms/softmax-pattern/declare.ts";
import { whyNotForms } from "../../pairwise/forms.ts";
import { decodeHeads } from "../decode/heads.ts";
import { checkPrefill, checkStep } from "../decode/refuse.ts";
import type { Stepper, Token, Weights } from "../stepper.ts";
import { Workspace } from "../workspace.ts";
import { FormedRows, type KeptKeys } from "./formed-rows.ts";

/** Keys and values of one head of k and v. */
interface Cache extends KeptKeys {
  readonly entry: number;
  readonly kvHead: number;
  /** The first of the heads of q, counted over the batch, that read it. */
  readonly firstSlice: number;
}

/**
 * Softmax attention, one query at a time over the keys that are kept. Scores, weights and sums are float64.
 */
export function prepareSoftmaxSteps(task: Task, mechanism: SoftmaxPattern, learned: Weights): Stepper {
  const { shape } = task;
  const { batch, heads, kvHeads, length, headDim, valueDim } = shape;
  const planned = decodeHeads(task, mechanism);
  const scale = scaleOf(mechanism, headDim);
  const { readers } = planned;
  const workspace = new Workspace();
  const mostKeys = Math.max(...planned.distinct.map((schedule) => schedule.mostKeys));
  const isPlain = whyNotForms(mechanism) === null;
  const formed = isPlain ? null : new FormedRows(task, mechanism, mostKeys, workspace, learned);
  const caches: Cache[] = [];
  for (let entry = 0; entry < batch; entry++) {
    for (const [index, { kvHead, schedule }] of planned.caches.entries()) {
      const rows = (width: number): Float32Array => new Float32Array(schedule.slots * width);
      const [keys, values] = [rows(headDim), rows(valueDim)];
      const tokenAt = new Int32Array(isPlain ? 0 : schedule.slots);
      workspace.add(tokenAt);
      const firstSlice = entry * heads + index * readers;
      caches.push({ entry, kvHead, firstSlice, keys, values, schedule, tokenAt });
    }
  }
  const query = workspace.float64(headDim);
  const sums = workspace.float64(valueDim);
  const weights = workspace.float64(mostKeys);
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
      const [ofK, ofV] = [layoutOf(inputs.shape, "k"), layoutOf(inputs.shape, "v")];
      for (const cache of caches) {
        const { entry, kvHead, keys, values, schedule } = cache;
        for (let token = position; token < end; token++) {
          // Keys that the tokens taken in here attend for the last time are never read.
          if (schedule.lastQuery[token] < end) continue;
          const keyAt = offsetIn(ofK, entry, kvHead, token);
          const valueAt = offsetIn(ofV, entry, kvHead, token);
          const slot = schedule.slotOf[token];
          if (formed !== null) formed.keepKey(cache, slot, inputs.k, keyAt, token);
          else keys.set(inputs.k.subarray(keyAt, keyAt + headDim), slot * headDim);
          values.set(inputs.v.subarray(valueAt, valueAt + valueDim), slot * valueDim);
        }
      }
      position = end;
    },
    step(token) {
      checkStep(shape, position, token);
      for (let index = 0; index < caches.length; index++) {
        const cache = caches[index];
        const { entry, kvHead, firstSlice } = cache;
        keep(cache, position, token, entry * kvHeads + kvHead, headDim, valueDim, formed);
        for (let slice = firstSlice; slice < firstSlice + readers; slice++) {
          if (formed !== null) formed.attend(cache, position, token, slice);
          else attend(cache, position, token, slice, headDim, valueDim, scale, query, weights, sums);
        }
      }
      position++;
    },
    dispose() {},
  };
}

/** Puts the token's key and value, `slice` among those of the batch, into their slot. */
function keep(
  cache: Cache,
  position: number,
  token: Token,
  slice: number,
  headDim: number,
  valueDim: number,
  formed: FormedRows | null,
): void {
  const { keys, values, schedule } = cache;
  const slot = schedule.slotOf[position];
  if (slot < 0) return;
  if (formed !== null) formed.keepKey(cache, slot, token.k, slice * headDim, position);
  else for (let i = 0; i < headDim; i++) keys[slot * headDim + i] = token.k[slice * headDim + i];
  for (let i = 0; i < valueDim; i++) values[slot * valueDim + i] = token.v[slice * valueDim + i];
}

/**
 * The output of the token's query, `slice` among those of the batch, over its row's pieces; zeros if it has
 * none. One function, so that no number is boxed.
 */
function attend(
  { keys, values, schedule }: Cache,
  position: number,
  token: Token,
  slice: number,
  headDim: number,
  valueDim: number,
  scale: number,
  query: Float64Array,
  weights: Float64Array,
  sums: Float64Array,
): void {
  const { pieces, rowAt, lastCount } = schedule;
  const row = rowAt[position];
  const last = pieces[row] - 1;
  const queryAt = slice * headDim;
  const outAt = slice * valueDim;
  for (let i = 0; i < headDim; i++) query[i] = token.q[queryAt + i] * scale;
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
    const first = pieces[row + 1 + 3 * piece] * valueDim;
    const step = pieces[row + 2 + 3 * piece] * valueDim;
    const many = piece === last ? lastCount[position] : pieces[row + 3 + 3 * piece];
    for (let n = 0, value = first; n < many; n++, value += step) {
      const weight = weights[count++];
      for (let i = 0; i < valueDim; i++) sums[i] += weight * values[value + i];
    }
  }
  const factor = count === 0 ? 0 : 1 / total;
  for (let i = 0; i < valueDim; i++) token.out[outAt + i] = sums[i] * factor;
}
