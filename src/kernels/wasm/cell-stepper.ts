import type { Task } from "../../core/problem.ts";
import { FLOAT_BYTES, layoutOf, offsetIn } from "../../core/shape.ts";
import { type Cell, isLearned, STATES } from "../../mechanisms/cell/declare.ts";
import { constantStateStepper } from "../decode/constant-state.ts";
import type { Stepper, Weights } from "../stepper.ts";
import type { Build } from "./build.ts";
import { ScratchPlan } from "./call.ts";
import { planCells } from "./cell-scratch.ts";
import { DecodeCall } from "./decode-call.ts";
import { TILE } from "./layout.ts";

/** Recurrent cells, one token at a time: a state for each head, whose size does not depend on the position. */
export function prepareCellSteps(task: Task, mechanism: Cell, build: Build, { w, u }: Weights): Stepper {
  const { shape } = task;
  const { batch, heads, headDim } = shape;
  const slices = batch * heads;
  const plan = new ScratchPlan();
  const cells = planCells(mechanism, shape, build, plan);
  const call = new DecodeCall(plan, shape, TILE.queries, cells.lane(), 0);
  call.set({ ...cells.words((planned) => call.place(planned)), cellChannels: headDim });
  const state = call.arena.floats(call.place(cells.states), cells.stateFloats);
  if (isLearned(mechanism))
    cells.pack(w, u, call.arena.floats(call.place(cells.weights), cells.weightFloats));
  const { takeCells, stepCells } = call.arena.instance(build);
  const stateBytes = slices * STATES[mechanism.cell] * headDim * FLOAT_BYTES;
  const clear = (): void => {
    state.fill(0);
  };
  clear();

  return constantStateStepper(shape, {
    stateBytes,
    workspaceBytes: plan.bytes - cells.stateFloats * FLOAT_BYTES,
    clear,
    takeIn(inputs, from, to) {
      const layout = layoutOf(inputs.shape, "v");
      for (let slice = 0; slice < slices; slice++) {
        for (let first = from; first < to; first += TILE.queries) {
          const tokens = Math.min(TILE.queries, to - first);
          const at = offsetIn(layout, 0, slice, first);
          for (const name of ["q", "k", "v"] as const) {
            call[name].set(inputs[name].subarray(at, at + tokens * headDim));
          }
          takeCells(call.at, call.lane, slice, tokens);
        }
      }
    },
    step(token) {
      call.put(token);
      stepCells(call.at, call.lane);
      call.take(token);
    },
    dispose: () => call.dispose(),
  });
}
