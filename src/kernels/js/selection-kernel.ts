import type { Choice } from "../../core/choice.ts";
import type { Problem } from "../../core/problem.ts";
import { FLOAT_BYTES, kvHeadOf, layoutOf, offsetIn, TENSORS } from "../../core/shape.ts";
import { choiceSpecs, type Selection } from "../../mechanisms/selection/declare.ts";
import type { Runnable } from "../kernel.ts";
import { Workspace } from "../workspace.ts";
import { GatheredRow } from "./gathered-rows.ts";
import { mostKeys, type QueryRule, ruleHead } from "./selection-rule.ts";

/** Every query chooses, head by head, and then attends what it chose. */
export function prepareSelection(
  { shape, inputs, mechanism, causal }: Problem<Selection>,
  rule: QueryRule,
  output: Float32Array,
): Runnable {
  const { batch, heads, length, headDim, valueDim } = shape;
  const [ofQ, ofK, ofV, ofOutput] = TENSORS.map((name) => layoutOf(shape, name));
  const [[name, { perRow }]] = Object.entries(choiceSpecs(rule, shape));
  const workspace = new Workspace();
  const chosen = new Int32Array(batch * heads * length * perRow);
  workspace.add(chosen);
  const choice: Choice = { [name]: chosen };
  const head = ruleHead(rule, { length, headDim, causal, perRow }, workspace, workspace);
  const row = new GatheredRow(
    shape,
    mostKeys(rule, shape),
    mechanism.scale ?? 1 / Math.sqrt(headDim),
    workspace,
  );
  const seconds = new Float64Array(1);

  const chooseIn = (entry: number, ofHead: number): void => {
    const keysAt = offsetIn(ofK, entry, kvHeadOf(shape, ofHead), 0);
    head.clear();
    if (!causal)
      for (let token = 0; token < length; token++) head.takeIn(inputs.k, keysAt + token * headDim, token);
    for (let token = 0; token < length; token++) {
      if (causal) head.takeIn(inputs.k, keysAt + token * headDim, token);
      const queryAt = offsetIn(ofQ, entry, ofHead, token);
      const at = ((entry * heads + ofHead) * length + token) * perRow;
      head.choose(inputs.q, queryAt, token, inputs.k, keysAt, causal ? token + 1 : length, chosen, at);
    }
  };
  const attendIn = (entry: number, ofHead: number): void => {
    const kvHead = kvHeadOf(shape, ofHead);
    const keysAt = offsetIn(ofK, entry, kvHead, 0);
    const valuesAt = offsetIn(ofV, entry, kvHead, 0);
    for (let token = 0; token < length; token++) {
      const at = ((entry * heads + ofHead) * length + token) * perRow;
      const count = head.list(token, causal ? token + 1 : length, chosen, at, row.list);
      const queryAt = offsetIn(ofQ, entry, ofHead, token);
      const outAt = offsetIn(ofOutput, entry, ofHead, token);
      row.attend(inputs.q, queryAt, inputs.k, keysAt, inputs.v, valuesAt, count, output, outAt);
    }
  };
  let [flops, pairs, read] = [0, 0, 0];
  for (let token = 0; token < length; token++) {
    const keys = causal ? token + 1 : length;
    const attended = head.attended(token, keys);
    pairs += attended;
    read += head.keysRead(keys);
    flops += head.flops(token, keys) + 2 * (headDim + valueDim) * attended;
  }
  return {
    run() {
      chosen.fill(-1);
      const start = performance.now();
      for (let slice = 0; slice < batch * heads; slice++) chooseIn(Math.floor(slice / heads), slice % heads);
      seconds[0] += (performance.now() - start) / 1000;
      for (let slice = 0; slice < batch * heads; slice++) attendIn(Math.floor(slice / heads), slice % heads);
    },
    output: () => output,
    choice: () => choice,
    selectSeconds: () => seconds[0],
    workspaceBytes: workspace.bytes,
    executedFlops: batch * heads * flops,
    // A query is read to choose and to attend.
    bytes:
      FLOAT_BYTES * batch * heads * ((headDim + valueDim) * (length + pairs) + headDim * (length + read)),
    dispose() {},
  };
}
