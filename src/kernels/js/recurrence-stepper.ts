import type { Task } from "../../core/problem.ts";
import type { Recurrence } from "../../mechanisms/recurrence/declare.ts";
import { constantStateStepper } from "../decode/constant-state.ts";
import type { Stepper, Weights } from "../stepper.ts";
import { rowsIn } from "./recurrence-kernel.ts";
import { RecurrenceStates } from "./recurrence-states.ts";

/** Recurrences of matrices, one token at a time: the state of each head in float64. */
export function prepareRecurrenceSteps(task: Task, mechanism: Recurrence, weights: Weights): Stepper {
  const { shape } = task;
  const { batch, heads } = shape;
  const slices = batch * heads;
  const states = new RecurrenceStates(mechanism, shape, slices, weights);
  const { stateBytes, workspaceBytes } = states;
  return constantStateStepper(shape, {
    stateBytes,
    workspaceBytes,
    clear: () => states.clear(),
    takeIn(inputs, from, to) {
      const tokens = rowsIn(inputs);
      states.check("prefill", tokens, slices * inputs.shape.length);
      for (let slice = 0; slice < slices; slice++) {
        for (let token = from; token < to; token++) {
          states.takeIn(slice, slice % heads, tokens, slice * inputs.shape.length + token);
        }
      }
    },
    step(token) {
      states.check("step", token, slices);
      for (let slice = 0; slice < slices; slice++) {
        states.step(slice, slice % heads, token, slice, token.out);
      }
    },
    dispose() {},
  });
}
