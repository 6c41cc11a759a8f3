import type { Task } from "../../core/problem.ts";
import { layoutOf, offsetIn } from "../../core/shape.ts";
import type { FeatureMap } from "../../mechanisms/feature-map/declare.ts";
import { checkPrefill, checkStep } from "../decode/refuse.ts";
import type { Stepper } from "../stepper.ts";
import { RecurrentStates } from "./recurrent-state.ts";

/**
 * Linear attention, one query at a time: the state `(S, z)` in float64 of each head of k and v, whose size
 * does not depend on the position.
 */
export function prepareFeatureSteps(task: Task, mechanism: FeatureMap): Stepper {
  const { shape } = task;
  const { batch, heads, kvHeads, length, headDim, valueDim } = shape;
  const states = new RecurrentStates(mechanism, batch * kvHeads, headDim, valueDim);
  const group = heads / kvHeads;
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
      const [ofK, ofV] = [layoutOf(inputs.shape, "k"), layoutOf(inputs.shape, "v")];
      for (let slice = 0; slice < batch * kvHeads; slice++) {
        const entry = Math.floor(slice / kvHeads);
        const kvHead = slice % kvHeads;
        for (let token = position; token < position + count; token++) {
          const keyAt = offsetIn(ofK, entry, kvHead, token);
          states.takeIn(slice, inputs.k, keyAt, inputs.v, offsetIn(ofV, entry, kvHead, token));
        }
      }
      position += count;
    },
    step(token) {
      checkStep(shape, position, token);
      for (let slice = 0; slice < batch * kvHeads; slice++) {
        const keyAt = slice * headDim;
        const valueAt = slice * valueDim;
        const first = slice * group;
        for (let reader = first; reader < first + group; reader++) {
          const queryAt = reader * headDim;
          const outAt = reader * valueDim;
          if (reader > first) states.read(slice, token.q, queryAt, token.out, outAt);
          else states.step(slice, token.q, queryAt, token.k, keyAt, token.v, valueAt, token.out, outAt);
        }
      }
      position++;
    },
    dispose() {},
  };
}
