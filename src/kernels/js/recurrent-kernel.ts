import type { Problem } from "../../core/problem.ts";
import { elementCount, FLOAT_BYTES, rowOffset } from "../../core/shape.ts";
import type { FeatureMap } from "../../mechanisms/feature-map/declare.ts";
import type { Runnable } from "../kernel.ts";
import { RecurrentStates } from "./recurrent-state.ts";

/**
 * Causal linear attention as a recurrent network: one update and one read of the state per token.
 */
export function prepareRecurrent(problem: Problem, mechanism: FeatureMap, output: Float32Array): Runnable {
  const { shape, inputs } = problem;
  const { headDim, length, batch, heads } = shape;
  const state = new RecurrentStates(mechanism, 1, headDim);

  return {
    run() {
      for (let entry = 0; entry < batch; entry++) {
        for (let head = 0; head < heads; head++) {
          state.clear();
          for (let token = 0; token < length; token++) {
            const at = rowOffset(shape, entry, head, token);
            state.step(0, inputs.q, inputs.k, inputs.v, at, output);
          }
        }
      }
    },
    output: () => output,
    workspaceBytes: state.workspaceBytes + state.stateBytes,
    executedFlops: batch * heads * length * 4 * headDim * (headDim + 1),
    bytes: 4 * FLOAT_BYTES * elementCount(shape),
    dispose() {},
  };
}
