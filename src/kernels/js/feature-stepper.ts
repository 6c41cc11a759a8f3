import type { Task } from "../../core/problem.ts";
import { rowOffset } from "../../core/shape.ts";
import type { FeatureMap } from "../../mechanisms/feature-map/declare.ts";
import { checkPrefill, checkStep } from "../decode/refuse.ts";
import type { Stepper } from "../stepper.ts";
import { RecurrentStates } from "./recurrent-state.ts";

/**
 * Linear attention, one query at a time: the state `(S, z)` in float64, whose size does not depend on the
 * position.
 */
export function prepareFeatureSteps(task: Task, mechanism: FeatureMap): Stepper {
  const { shape } = task;
  const { batch, heads, length, headDim } = shape;
  const states = new RecurrentStates(mechanism, batch * heads, headDim);
  const { stateBytes, workspaceBytes } = states;
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
    workspaceBytes,
    reset() {
      states.clear();
      position = 0;
    },
    prefill(inputs, count) {
      checkPrefill(shape, position, inputs, count);
      for (let slice = 0; slice < batch * heads; slice++) {
        const base = rowOffset(inputs.shape, Math.floor(slice / heads), slice % heads, 0);
        for (let token = position; token < position + count; token++) {
          states.takeIn(slice, inputs.k, inputs.v, base + token * headDim);
        }
      }
      position += count;
    },
    step(token) {
      checkStep(shape, position, token);
      for (let slice = 0; slice < batch * heads; slice++) {
        const at = slice * headDim;
        states.step(slice, token.q, token.k, token.v, at, token.out);
      }
      position++;
    },
    dispose() {},
  };
}
