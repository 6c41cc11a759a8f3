import type { Task } from "../../core/problem.ts";
import { FLOAT_BYTES, layoutOf, offsetIn } from "../../core/shape.ts";
import { type Cell, isLearned, STATES } from "../../mechanisms/cell/declare.ts";
import { checkPrefill, checkStep } from "../decode/refuse.ts";
import type { Stepper, Weights } from "../stepper.ts";
import type { Build } from "./build.ts";
import { ScratchPlan } from "./call.ts";
import { planCells } from "./cell-scratch.ts";
import { DecodeCall } from "./decode-call.ts";
import { TILE } from "./layout.ts";

/** Recurrent cells, one token at a time: a state for each head, whose size does not depend on the position. */
export function prepareCellSteps(task: Task, mechanism: Cell, build: Build, { w, u }: Weights): Stepper {
  const { shape } = task;
  const { batch, heads, length, headDim } = shape;
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
  let position = 0;
  const reset = (): void => {
    state.fill(0);
    position = 0;
  };
  reset();

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
    workspaceBytes: plan.bytes - cells.stateFloats * FLOAT_BYTES,
    reset,
    prefill(inputs, count) {
      checkPrefill(shape, position, inputs, count);
      const layout = layoutOf(inputs.shape, "v");
      const end = position + count;
      for (let slice = 0; slice < slices; slice++) {
        for (let from = position; from < end; from += TILE.queries) {
          const tokens = Math.min(TILE.queries, end - from);
          const at = offsetIn(layout, 0, slice, from);
          for (const name of ["q", "k", "v"] as const) {
            call[name].set(inputs[name].subarray(at, at + tokens * headDim));
          }
          takeCells(call.at, call.lane, slice, tokens);
        }
      }
      position = end;
    },
    step(token) {
      checkStep(shape, position, token);
      call.put(token);
      stepCells(call.at, call.lane);
      call.take(token);
      position++;
    },
    dispose: () => call.dispose(),
  };
}
