import type { Task } from "../../core/problem.ts";
import { rowOffset } from "../../core/shape.ts";
import type { FeatureMap } from "../../core/variant.ts";
import { checkPrefill, checkStep } from "../decode/refuse.ts";
import type { Stepper } from "../stepper.ts";
import { Workspace } from "../workspace.ts";
import { featureFunction } from "./features.ts";
import { RecurrentState } from "./recurrent-state.ts";

/** Linear attention, one query at a time: the state `(S, z)` in float64, of a size that no position changes. */
export function prepareFeatureSteps(task: Task, { feature, epsilon }: FeatureMap): Stepper {
  const { shape } = task;
  const { batch, heads, length, headDim } = shape;
  const phi = featureFunction(feature);
  const states = Array.from({ length: batch * heads }, () => new RecurrentState(headDim));
  const stateBytes = states.reduce((sum, { bytes }) => sum + bytes, 0);
  const workspace = new Workspace();
  const sums = workspace.float64(headDim);
  let position = 0;

  return {
    get position() {
      return position;
    },
    capacity: length,
    stateBytes,
    get stepBytes() {
      // All of it is read and written.
      return position < length ? 2 * stateBytes : 0;
    },
    workspaceBytes: workspace.bytes,
    reset() {
      for (const state of states) state.clear();
      position = 0;
    },
    prefill(inputs, count) {
      checkPrefill(shape, position, inputs, count);
      for (const [slice, state] of states.entries()) {
        const base = rowOffset(inputs.shape, Math.floor(slice / heads), slice % heads, 0);
        for (let token = position; token < position + count; token++) {
          state.takeIn(phi, inputs.k, inputs.v, base + token * headDim);
        }
      }
      position += count;
    },
    step(token) {
      checkStep(shape, position, token);
      for (let slice = 0; slice < states.length; slice++) {
        const at = slice * headDim;
        states[slice].step(phi, epsilon, token.q, token.k, token.v, at, sums, token.out);
      }
      position++;
    },
    dispose() {},
  };
}
