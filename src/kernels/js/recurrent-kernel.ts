import type { Problem } from "../../core/problem.ts";
import { elementCount, FLOAT_BYTES, rowOffset } from "../../core/shape.ts";
import type { FeatureMap } from "../../core/variant.ts";
import type { Runnable } from "../kernel.ts";
import { Workspace } from "../workspace.ts";
import { featureFunction } from "./features.ts";

/**
 * Causal linear attention as a recurrent network: a state `S` `[d, d]` and `z` `[d]`, one update and one read a token.
 * Katharopoulos et al. 2020, arXiv 2006.16236, eq. 16 to 20.
 */
export function prepareRecurrent(problem: Problem, mechanism: FeatureMap, output: Float32Array): Runnable {
  const { shape, inputs } = problem;
  const { headDim, length, batch, heads } = shape;
  const phi = featureFunction(mechanism.feature);
  const workspace = new Workspace();
  const state = workspace.float64(headDim * headDim);
  const normaliser = workspace.float64(headDim);
  const sums = workspace.float64(headDim);

  const step = (at: number): void => {
    let divisor = mechanism.epsilon;
    sums.fill(0);
    for (let i = 0; i < headDim; i++) {
      const key = phi(inputs.k[at + i]);
      const query = phi(inputs.q[at + i]);
      normaliser[i] += key;
      divisor += query * normaliser[i];
      const row = i * headDim;
      for (let column = 0; column < headDim; column++) {
        const updated = state[row + column] + key * inputs.v[at + column];
        state[row + column] = updated;
        sums[column] += query * updated;
      }
    }
    for (let column = 0; column < headDim; column++) output[at + column] = sums[column] / divisor;
  };

  return {
    run() {
      for (let entry = 0; entry < batch; entry++) {
        for (let head = 0; head < heads; head++) {
          state.fill(0);
          normaliser.fill(0);
          for (let token = 0; token < length; token++) step(rowOffset(shape, entry, head, token));
        }
      }
    },
    output: () => output,
    workspaceBytes: workspace.bytes,
    executedFlops: batch * heads * length * 4 * headDim * (headDim + 1),
    bytes: 4 * FLOAT_BYTES * elementCount(shape),
    dispose() {},
  };
}
