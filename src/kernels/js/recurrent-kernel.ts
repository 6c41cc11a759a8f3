import type { Problem } from "../../core/problem.ts";
import { layoutOf, offsetIn, seeingRows, seenBytes, TENSORS } from "../../core/shape.ts";
import type { FeatureMap } from "../../mechanisms/feature-map/declare.ts";
import type { Runnable } from "../kernel.ts";
import { makingFlops } from "./features/feature-rows.ts";
import { learnedBy } from "./features/learned.ts";
import { recurrentStates } from "./recurrent-state.ts";
import { writeUnseeing } from "./unseeing-rows.ts";

/**
 * Causal linear attention as a recurrent network: one update of the state per token, and one read per query.
 * Heads of q that share k and v share the state.
 */
export function prepareRecurrent(problem: Problem, mechanism: FeatureMap, output: Float32Array): Runnable {
  const { shape, inputs, causal } = problem;
  const { headDim, valueDim, length, queries, batch, heads, kvHeads } = shape;
  const [ofQ, ofK, ofV, ofOutput] = TENSORS.map((name) => layoutOf(shape, name));
  const state = recurrentStates(mechanism, shape, 1, 1);
  const learned = learnedBy(problem, mechanism);
  const group = heads / kvHeads;

  const runHead = (entry: number, kvHead: number): void => {
    state.learn(kvHead, learned);
    state.clear();
    for (let token = 0; token < length; token++) {
      const keyAt = offsetIn(ofK, entry, kvHead, token);
      const valueAt = offsetIn(ofV, entry, kvHead, token);
      // The last query stands at the last token.
      state.takeIn(0, inputs.k, keyAt, inputs.v, valueAt, token);
      const row = token + queries - length;
      if (row < 0) continue;
      for (let head = kvHead * group; head < (kvHead + 1) * group; head++) {
        const queryAt = offsetIn(ofQ, entry, head, row);
        state.read(0, inputs.q, queryAt, output, offsetIn(ofOutput, entry, head, row), token);
      }
    }
  };

  return {
    run() {
      writeUnseeing(shape, causal, output);
      for (let entry = 0; entry < batch; entry++) {
        for (let kvHead = 0; kvHead < kvHeads; kvHead++) runHead(entry, kvHead);
      }
    },
    output: () => output,
    workspaceBytes: state.workspaceBytes + state.stateBytes,
    executedFlops:
      (makingFlops(mechanism.feature, headDim) + 2 * state.features * (valueDim + 1)) *
      batch *
      (kvHeads * length + heads * seeingRows(shape, causal)),
    bytes: seenBytes(shape, causal),
    dispose() {},
  };
}
