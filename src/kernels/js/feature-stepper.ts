import type { Task } from "../../core/problem.ts";
import { layoutOf, offsetIn } from "../../core/shape.ts";
import type { FeatureMap } from "../../mechanisms/feature-map/declare.ts";
import { constantStateStepper } from "../decode/constant-state.ts";
import type { Stepper, Weights } from "../stepper.ts";
import { learnedOnce } from "./features/learned.ts";
import { recurrentStates } from "./recurrent-state.ts";

/**
 * Linear attention, one query at a time: the state `(S, z)` in float64 of each head of k and v, whose size
 * does not depend on the position.
 */
export function prepareFeatureSteps(task: Task, mechanism: FeatureMap, weights: Weights): Stepper {
  const { shape } = task;
  const { batch, heads, kvHeads, headDim, valueDim } = shape;
  const states = recurrentStates(mechanism, shape, batch * kvHeads, kvHeads);
  const learned = learnedOnce(weights, mechanism, headDim);
  for (let kvHead = 0; kvHead < kvHeads; kvHead++) states.learn(kvHead, learned);
  const group = heads / kvHeads;
  const { stateBytes, workspaceBytes } = states;
  return constantStateStepper(shape, {
    stateBytes,
    workspaceBytes,
    clear: () => states.clear(),
    takeIn(inputs, from, to) {
      const [ofK, ofV] = [layoutOf(inputs.shape, "k"), layoutOf(inputs.shape, "v")];
      for (let slice = 0; slice < batch * kvHeads; slice++) {
        const entry = Math.floor(slice / kvHeads);
        const kvHead = slice % kvHeads;
        for (let token = from; token < to; token++) {
          const keyAt = offsetIn(ofK, entry, kvHead, token);
          states.takeIn(slice, inputs.k, keyAt, inputs.v, offsetIn(ofV, entry, kvHead, token), token);
        }
      }
    },
    step(token, position) {
      for (let slice = 0; slice < batch * kvHeads; slice++) {
        states.takeIn(slice, token.k, slice * headDim, token.v, slice * valueDim, position);
        for (let reader = slice * group; reader < (slice + 1) * group; reader++) {
          states.read(slice, token.q, reader * headDim, token.out, reader * valueDim, position);
        }
      }
    },
    dispose() {},
  });
}
