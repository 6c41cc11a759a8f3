import type { BoundPattern } from "../../core/pattern.ts";
import type { Problem } from "../../core/problem.ts";
import { FLOAT_BYTES, kvHeadOf, layoutOf, offsetIn, TENSORS } from "../../core/shape.ts";
import { type SoftmaxPattern, scaleOf } from "../../mechanisms/softmax-pattern/declare.ts";
import type { Runnable } from "../kernel.ts";
import { compileKeyLists, type KeyLists } from "../key-lists.ts";
import { Workspace } from "../workspace.ts";
import { FormedScores } from "./formed-scores.ts";
import { addRow, scoreRow } from "./gathered-rows.ts";
import { weighRow } from "./row-weights.ts";

/** Attention that fetches the keys of each row: for patterns whose tiles would be mostly empty. */
export function prepareGather(
  problem: Problem,
  mechanism: SoftmaxPattern,
  patterns: readonly BoundPattern[],
  output: Float32Array,
): Runnable {
  const { shape, inputs } = problem;
  const { batch, headDim, valueDim } = shape;
  const compiled = new Map([...new Set(patterns)].map((pattern) => [pattern, compileKeyLists(pattern)]));
  const ofHeads = patterns.map((pattern) => compiled.get(pattern) as KeyLists);
  const [ofQ, ofK, ofV, ofOutput] = TENSORS.map((name) => layoutOf(shape, name));
  const workspace = new Workspace();
  for (const { rowAt, keys } of compiled.values()) workspace.add(rowAt, keys);
  const weights = workspace.float64(Math.max(...ofHeads.map(({ most }) => most)) + 1);
  const query = workspace.float64(headDim);
  const values = workspace.float64(valueDim);
  const { score, bias, turn, normaliser } = mechanism;
  const scale = scaleOf(mechanism, headDim);
  const formed =
    score === undefined && bias === undefined && turn === undefined
      ? null
      : new FormedScores(problem, mechanism, workspace);

  const runHead = ({ rowAt, keys }: KeyLists, entry: number, head: number): void => {
    const kvHead = kvHeadOf(shape, head);
    const keysAt = offsetIn(ofK, entry, kvHead, 0);
    const valuesAt = offsetIn(ofV, entry, kvHead, 0);
    for (let row = 0; row + 1 < rowAt.length; row++) {
      const queryAt = offsetIn(ofQ, entry, head, row);
      const attended = keys.subarray(rowAt[row], rowAt[row + 1]);
      if (formed === null) {
        for (let i = 0; i < headDim; i++) query[i] = inputs.q[queryAt + i] * scale;
        scoreRow(query, inputs.k, keysAt, attended, attended.length, weights);
      } else formed.write(head, row, inputs.q, queryAt, inputs.k, keysAt, attended, weights);
      weighRow(normaliser, weights, attended.length);
      values.fill(0);
      addRow(weights, inputs.v, valuesAt, attended, attended.length, values);
      const outAt = offsetIn(ofOutput, entry, head, row);
      const factor = attended.length === 0 ? 0 : weights[attended.length];
      for (let i = 0; i < valueDim; i++) output[outAt + i] = values[i] * factor;
    }
  };

  const pairs = batch * ofHeads.reduce((sum, { keys }) => sum + keys.length, 0);
  const rows = batch * ofHeads.reduce((sum, { rowAt }) => sum + rowAt.length - 1, 0);
  return {
    run() {
      formed?.refresh();
      for (let entry = 0; entry < batch; entry++) {
        for (const [head, lists] of ofHeads.entries()) runHead(lists, entry, head);
      }
    },
    output: () => output,
    workspaceBytes: workspace.bytes,
    executedFlops: 2 * valueDim * pairs + (formed?.flops(rows, pairs) ?? 2 * headDim * pairs),
    bytes: FLOAT_BYTES * (headDim + valueDim) * (rows + pairs),
    dispose() {},
  };
}
