import type { Task } from "../../core/problem.ts";
import { FLOAT_BYTES, layoutOf, offsetIn } from "../../core/shape.ts";
import { LEARNED, type Logits } from "../../mechanisms/synthesizer/declare.ts";
import { checkPrefill, checkStep } from "../decode/refuse.ts";
import { learned } from "../learned.ts";
import type { Stepper, Weights } from "../stepper.ts";
import { Workspace } from "../workspace.ts";
import { hiddenQueries } from "./hidden-queries.ts";

/** A synthesizer one token at a time: values are kept, and logits come from what was learned. */
export function prepareSynthesizerSteps(task: Task, logits: Logits, weights: Weights): Stepper {
  const { shape } = task;
  const { batch, heads, length, headDim, valueDim } = shape;
  const slices = batch * heads;
  const workspace = new Workspace();
  const cache = new Float32Array(slices * length * valueDim);
  const sums = workspace.float64(valueDim);
  const scores = workspace.float64(length);
  const writeLogits = logitWriter(task, logits, weights, workspace);
  let position = 0;

  /** The row at the position of one slice. */
  const attend = (slice: number, q: Float32Array, out: Float32Array): void => {
    const count = position + 1;
    writeLogits(slice % heads, position, q, slice * headDim, scores);
    let most = -Number.MAX_VALUE;
    for (let key = 0; key < count; key++) if (scores[key] > most) most = scores[key];
    let total = 0;
    sums.fill(0);
    for (let key = 0; key < count; key++) {
      const weight = Math.exp(scores[key] - most);
      total += weight;
      const at = (slice * length + key) * valueDim;
      for (let i = 0; i < valueDim; i++) sums[i] += weight * cache[at + i];
    }
    for (let i = 0; i < valueDim; i++) out[slice * valueDim + i] = sums[i] / total;
  };

  const bytesAt = (tokens: number): number => FLOAT_BYTES * slices * valueDim * tokens;
  return {
    get position() {
      return position;
    },
    capacity: length,
    get stateBytes() {
      return bytesAt(position);
    },
    get stepBytes() {
      // What is kept is read, and the token's own value is written.
      return position < length ? bytesAt(position + 1) : 0;
    },
    workspaceBytes: workspace.bytes,
    reset() {
      position = 0;
    },
    prefill(inputs, count) {
      checkPrefill(shape, position, inputs, count);
      const ofV = layoutOf(inputs.shape, "v");
      for (let slice = 0; slice < slices; slice++) {
        const at = offsetIn(ofV, Math.floor(slice / heads), slice % heads, position);
        const kept = inputs.v.subarray(at, at + count * valueDim);
        cache.set(kept, (slice * length + position) * valueDim);
      }
      position += count;
    },
    step(token) {
      checkStep(shape, position, token);
      for (let slice = 0; slice < slices; slice++) {
        const at = (slice * length + position) * valueDim;
        for (let i = 0; i < valueDim; i++) cache[at + i] = token.v[slice * valueDim + i];
        attend(slice, token.q, token.out);
      }
      position++;
    },
    dispose() {},
  };
}

/** Writes the logits of one row of a head, for the keys up to its position. */
type WriteLogits = (head: number, position: number, q: Float32Array, at: number, to: Float64Array) => void;

function logitWriter({ shape }: Task, logits: Logits, weights: Weights, workspace: Workspace): WriteLogits {
  const { length, headDim } = shape;
  switch (logits.kind) {
    case "table": {
      const table = learned(weights, LEARNED.table);
      return (head, position, _q, _at, to) => {
        const row = (head * length + position) * length;
        for (let key = 0; key <= position; key++) to[key] = table[row + key];
      };
    }
    case "factors": {
      const { rank } = logits;
      const [a, b] = [learned(weights, LEARNED.ofQueries), learned(weights, LEARNED.ofKeys)];
      return (head, position, _q, _at, to) => {
        const start = head * length * rank;
        writeProducts(a, start + position * rank, b, start, rank, position, to);
      };
    }
    case "dense": {
      const [w1, w2] = [learned(weights, LEARNED.hidden), learned(weights, LEARNED.ofHidden)];
      const hidden = workspace.float64(headDim);
      return (head, position, q, at, to) => {
        hiddenQueries(q, at, 1, headDim, w1, head * headDim * headDim, hidden, 0);
        writeProducts(hidden, 0, w2, head * length * headDim, headDim, position, to);
      };
    }
    default:
      return logits satisfies never;
  }
}

function writeProducts(
  x: ArrayLike<number>,
  xAt: number,
  rows: Float32Array,
  rowsAt: number,
  width: number,
  last: number,
  to: Float64Array,
): void {
  for (let key = 0; key <= last; key++) {
    const at = rowsAt + key * width;
    let sum = 0;
    for (let i = 0; i < width; i++) sum += x[xAt + i] * rows[at + i];
    to[key] = sum;
  }
}
