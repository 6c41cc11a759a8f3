import type { Choice } from "../../core/choice.ts";
import type { Problem } from "../../core/problem.ts";
import { FLOAT_BYTES, kvHeadOf, layoutOf, offsetIn, TENSORS } from "../../core/shape.ts";
import { tensorNamed } from "../../core/tensors.ts";
import { choiceSpecs, NSA_GATES, type Nsa, type Selection } from "../../mechanisms/selection/declare.ts";
import type { Runnable } from "../kernel.ts";
import { Workspace } from "../workspace.ts";
import { BlockSums, NsaRow, nsaCandidates, nsaCounts } from "./selection-nsa.ts";

/** NSA head by head: blocks are summed, every query chooses, and then sums its three softmaxes. */
export function prepareNsa(
  { shape, inputs, mechanism }: Problem<Selection>,
  rule: Nsa,
  output: Float32Array,
): Runnable {
  const { batch, heads, length, headDim, valueDim } = shape;
  const [ofQ, ofK, ofV, ofOutput] = TENSORS.map((name) => layoutOf(shape, name));
  const { perRow } = choiceSpecs(rule, shape).blocks;
  const workspace = new Workspace();
  const blocks = new Int32Array(batch * heads * length * perRow);
  workspace.add(blocks);
  const choice: Choice = { blocks };
  const sums = new BlockSums(rule, shape, workspace);
  const row = new NsaRow(rule, shape, perRow, mechanism.scale ?? 1 / Math.sqrt(headDim), workspace);
  const ofSoftmax = NSA_GATES.map((name) => tensorNamed(inputs, name));
  const gates = Array.from({ length: heads }, (_, head) => ({ ofSoftmax, at: head * headDim }));
  const seconds = new Float64Array(1);

  const chooseIn = (entry: number, head: number): void => {
    const keysAt = offsetIn(ofK, entry, kvHeadOf(shape, head), 0);
    const valuesAt = offsetIn(ofV, entry, kvHeadOf(shape, head), 0);
    sums.clear();
    for (let token = 0; token < length; token++) {
      sums.takeIn(inputs.k, keysAt + token * headDim, inputs.v, valuesAt + token * valueDim, token);
    }
    for (let token = 0; token < length; token++) {
      const at = ((entry * heads + head) * length + token) * perRow;
      row.choose(inputs.q, offsetIn(ofQ, entry, head, token), token, sums, blocks, at);
    }
  };
  const attendIn = (entry: number, head: number): void => {
    const tokens = {
      keys: inputs.k,
      keysAt: offsetIn(ofK, entry, kvHeadOf(shape, head), 0),
      values: inputs.v,
      valuesAt: offsetIn(ofV, entry, kvHeadOf(shape, head), 0),
    };
    for (let token = 0; token < length; token++) {
      const at = ((entry * heads + head) * length + token) * perRow;
      const queryAt = offsetIn(ofQ, entry, head, token);
      const outAt = offsetIn(ofOutput, entry, head, token);
      row.attend(inputs.q, queryAt, token, tokens, sums, gates[head], blocks, at, output, outAt);
    }
  };
  let [flops, floats] = [0, 0];
  for (let token = 0; token < length; token++) {
    const { means, keys } = nsaCounts(rule, token);
    const candidates = nsaCandidates(rule, token);
    const own = headDim + valueDim;
    flops += 6 * headDim + own + 2 * headDim * candidates + 2 * own * (means + keys);
    // Its query is read for every mean, for three gates, and twice to gather.
    floats += headDim * (candidates + means + 5) + own * (1 + keys) + valueDim;
  }
  return {
    run() {
      blocks.fill(-1);
      for (let entry = 0; entry < batch; entry++) {
        for (let head = 0; head < heads; head++) {
          const start = performance.now();
          chooseIn(entry, head);
          seconds[0] += (performance.now() - start) / 1000;
          attendIn(entry, head);
        }
      }
    },
    output: () => output,
    choice: () => choice,
    selectSeconds: () => seconds[0],
    workspaceBytes: workspace.bytes,
    executedFlops: batch * heads * flops,
    bytes: FLOAT_BYTES * batch * heads * floats,
    dispose() {},
  };
}
