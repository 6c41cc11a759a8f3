import type { BoundPattern } from "../../core/pattern.ts";
import type { Problem } from "../../core/problem.ts";
import { FLOAT_BYTES, kvHeadOf, layoutOf, offsetIn, TENSORS } from "../../core/shape.ts";
import { type SoftmaxPattern, scaleOf } from "../../mechanisms/softmax-pattern/declare.ts";
import type { Runnable } from "../kernel.ts";
import { compileKeyLists, type KeyLists } from "../key-lists.ts";
import { Workspace } from "../workspace.ts";

/** Softmax attention that fetches the keys of each row: for patterns whose tiles would be mostly empty. */
export function prepareGather(
  { shape, inputs }: Problem,
  mechanism: SoftmaxPattern,
  patterns: readonly BoundPattern[],
  output: Float32Array,
): Runnable {
  const { batch, headDim, valueDim } = shape;
  const compiled = new Map([...new Set(patterns)].map((pattern) => [pattern, compileKeyLists(pattern)]));
  const ofHeads = patterns.map((pattern) => compiled.get(pattern) as KeyLists);
  const [ofQ, ofK, ofV, ofOutput] = TENSORS.map((name) => layoutOf(shape, name));
  const workspace = new Workspace();
  for (const { rowAt, keys } of compiled.values()) workspace.add(rowAt, keys);
  const weights = workspace.float64(Math.max(...ofHeads.map(({ most }) => most)));
  const query = workspace.float64(headDim);
  const values = workspace.float64(valueDim);
  const scale = scaleOf(mechanism, headDim);

  const runHead = ({ rowAt, keys }: KeyLists, entry: number, head: number): void => {
    const kvHead = kvHeadOf(shape, head);
    const keysAt = offsetIn(ofK, entry, kvHead, 0);
    const valuesAt = offsetIn(ofV, entry, kvHead, 0);
    for (let row = 0; row + 1 < rowAt.length; row++) {
      const queryAt = offsetIn(ofQ, entry, head, row);
      for (let i = 0; i < headDim; i++) query[i] = inputs.q[queryAt + i] * scale;
      const attended = keys.subarray(rowAt[row], rowAt[row + 1]);
      scoreRow(query, inputs.k, keysAt, attended, weights);
      const total = weighRow(weights, attended.length);
      values.fill(0);
      addRow(weights, inputs.v, valuesAt, attended, values);
      const outAt = offsetIn(ofOutput, entry, head, row);
      const factor = attended.length === 0 ? 0 : 1 / total;
      for (let i = 0; i < valueDim; i++) output[outAt + i] = values[i] * factor;
    }
  };

  const pairs = batch * ofHeads.reduce((sum, { keys }) => sum + keys.length, 0);
  const rows = batch * ofHeads.reduce((sum, { rowAt }) => sum + rowAt.length - 1, 0);
  return {
    run() {
      for (let entry = 0; entry < batch; entry++) {
        for (const [head, lists] of ofHeads.entries()) runHead(lists, entry, head);
      }
    },
    output: () => output,
    workspaceBytes: workspace.bytes,
    executedFlops: 2 * (headDim + valueDim) * pairs,
    bytes: FLOAT_BYTES * (headDim + valueDim) * (rows + pairs),
    dispose() {},
  };
}

/** `scores[n]` is the query times key `list[n]` of those that begin at `base`. */
function scoreRow(
  query: Float64Array,
  keys: Float32Array,
  base: number,
  list: Int32Array,
  scores: Float64Array,
): void {
  const width = query.length;
  const even = width - (width % 4);
  for (let n = 0; n < list.length; n++) {
    const at = base + list[n] * width;
    // An addition that waits for the one before takes four times as long.
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let i = 0; i < even; i += 4) {
      a += query[i] * keys[at + i];
      b += query[i + 1] * keys[at + i + 1];
      c += query[i + 2] * keys[at + i + 2];
      d += query[i + 3] * keys[at + i + 3];
    }
    for (let i = even; i < width; i++) a += query[i] * keys[at + i];
    scores[n] = a + b + (c + d);
  }
}

/** Turns the first `count` scores into weights `exp(score - maximum)`, and returns their sum. */
function weighRow(scores: Float64Array, count: number): number {
  // Less a maximum of -∞, scores of -∞ would be NaN; a row of nothing else has the sum 0, and so is NaN.
  let maximum = -Number.MAX_VALUE;
  for (let n = 0; n < count; n++) if (scores[n] > maximum) maximum = scores[n];
  let total = 0;
  for (let n = 0; n < count; n++) {
    scores[n] = Math.exp(scores[n] - maximum);
    total += scores[n];
  }
  return total;
}

/** `out += Σ weights[n] · value list[n]` of those that begin at `base`. */
function addRow(
  weights: Float64Array,
  values: Float32Array,
  base: number,
  list: Int32Array,
  out: Float64Array,
): void {
  const width = out.length;
  for (let n = 0; n < list.length; n++) {
    const at = base + list[n] * width;
    const weight = weights[n];
    for (let i = 0; i < width; i++) out[i] += weight * values[at + i];
  }
}
