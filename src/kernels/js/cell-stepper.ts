import type { Task } from "../../core/problem.ts";
import { layoutOf, offsetIn } from "../../core/shape.ts";
import { type Cell, isLearned } from "../../mechanisms/cell/declare.ts";
import { constantStateStepper } from "../decode/constant-state.ts";
import type { Stepper, Weights } from "../stepper.ts";
import { CellStates, type CellWeights } from "./cell-states.ts";

/** Recurrent cells, one token at a time: the state of each head in float64, whose size does not depend on the position. */
export function prepareCellSteps(task: Task, mechanism: Cell, { w, u }: Weights): Stepper {
  const { shape } = task;
  const { batch, heads, headDim } = shape;
  const slices = batch * heads;
  const states = new CellStates(mechanism, slices, headDim);
  const weights: CellWeights | null = isLearned(mechanism) ? { w, u } : null;
  const { stateBytes, workspaceBytes } = states;
  return constantStateStepper(shape, {
    stateBytes,
    workspaceBytes,
    clear: () => states.clear(),
    takeIn(inputs, from, to) {
      const layout = layoutOf(inputs.shape, "v");
      for (let slice = 0; slice < slices; slice++) {
        for (let token = from; token < to; token++) {
          states.takeIn(slice, slice % heads, inputs, offsetIn(layout, 0, slice, token), weights);
        }
      }
    },
    step(token) {
      for (let slice = 0; slice < slices; slice++) {
        states.takeIn(slice, slice % heads, token, slice * headDim, weights);
        states.write(slice, token.out, slice * headDim);
      }
    },
    dispose() {},
  });
}
