import type { Task } from "../../core/problem.ts";
import { FLOAT_BYTES, rowOffset } from "../../core/shape.ts";
import type { FeatureMap } from "../../mechanisms/feature-map/declare.ts";
import { checkPrefill, checkStep } from "../decode/refuse.ts";
import type { Stepper } from "../stepper.ts";
import type { Build } from "./build.ts";
import { ScratchPlan } from "./call.ts";
import { DecodeCall } from "./decode-call.ts";
import { PANEL_QUERIES, QUERY_ROW, TILE } from "./layout.ts";

/**
 * Linear attention, one query at a time: a state `(S, z)` per head, whose size does not depend on the
 * position.
 */
export function prepareFeatureSteps(task: Task, { epsilon }: FeatureMap, build: Build): Stepper {
  const { shape } = task;
  const { batch, heads, length, headDim } = shape;
  const slices = batch * heads;
  const width = Math.ceil(headDim / build.panelKeys) * build.panelKeys;
  const stateRows = Math.ceil(headDim / PANEL_QUERIES) * PANEL_QUERIES;
  const stateWords = stateRows * width + Math.ceil(headDim / 8) * 8;
  const plan = new ScratchPlan();
  const lane = {
    queries: plan.words(QUERY_ROW / 4),
    features: plan.words((TILE.queries * QUERY_ROW) / 4),
    output: plan.words(width),
  };
  const beside = plan.bytes;
  const states = plan.words(slices * stateWords);
  const call = new DecodeCall(plan, shape, TILE.queries, lane, epsilon);
  call.set({ width, slices, states: call.place(states), stateBytes: stateWords * FLOAT_BYTES });
  const state = call.arena.floats(call.place(states), slices * stateWords);
  const { addTokens, decodeFeatures } = call.arena.instance(build);
  const stateBytes = slices * (headDim * headDim + headDim) * FLOAT_BYTES;
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
    workspaceBytes: beside,
    reset,
    prefill(inputs, count) {
      checkPrefill(shape, position, inputs, count);
      const end = position + count;
      for (let slice = 0; slice < slices; slice++) {
        for (let from = position; from < end; from += TILE.queries) {
          const tokens = Math.min(TILE.queries, end - from);
          const at = rowOffset(inputs.shape, Math.floor(slice / heads), slice % heads, from);
          call.k.set(inputs.k.subarray(at, at + tokens * headDim));
          call.v.set(inputs.v.subarray(at, at + tokens * headDim));
          addTokens(call.at, call.lane, slice, tokens);
        }
      }
      position = end;
    },
    step(token) {
      checkStep(shape, position, token);
      call.put(token);
      decodeFeatures(call.at, call.lane);
      call.take(token);
      position++;
    },
    dispose: () => call.dispose(),
  };
}
