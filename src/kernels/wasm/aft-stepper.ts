import type { Task } from "../../core/problem.ts";
import { FLOAT_BYTES, rowOffset } from "../../core/shape.ts";
import { constantStateStepper } from "../decode/constant-state.ts";
import type { Stepper } from "../stepper.ts";
import type { Build } from "./build.ts";
import { ScratchPlan } from "./call.ts";
import { DecodeCall } from "./decode-call.ts";
import { TILE } from "./layout.ts";

/** The smallest float32 number. */
const LEAST = -(2 ** 127) * (2 - 2 ** -23);

/** An attention-free transformer without biases, one token at a time: three numbers a channel, whatever the position. */
export function prepareAftSteps({ shape }: Task, build: Build): Stepper {
  const { batch, heads, headDim } = shape;
  const slices = batch * heads;
  const channels = Math.ceil(headDim / 8) * 8;
  const stateWords = 3 * channels;
  const plan = new ScratchPlan();
  const lane = { output: plan.words(channels) };
  const beside = plan.bytes;
  const states = plan.words(slices * stateWords);
  const call = new DecodeCall(plan, shape, TILE.queries, lane, 1);
  call.set({
    width: 2 * channels,
    slices,
    states: call.place(states),
    stateBytes: stateWords * FLOAT_BYTES,
  });
  const state = call.arena.floats(call.place(states), slices * stateWords);
  const { takeAft, decodeAft } = call.arena.instance(build);
  const stateBytes = 3 * FLOAT_BYTES * slices * headDim;
  const clear = (): void => {
    state.fill(0);
    // No key has been seen.
    for (let at = 0; at < state.length; at += stateWords) {
      state.fill(LEAST, at, at + channels);
    }
  };
  clear();

  return constantStateStepper(shape, {
    stateBytes,
    workspaceBytes: beside,
    clear,
    takeIn(inputs, from, to) {
      for (let slice = 0; slice < slices; slice++) {
        for (let first = from; first < to; first += TILE.queries) {
          const tokens = Math.min(TILE.queries, to - first);
          const at = rowOffset(inputs.shape, Math.floor(slice / heads), slice % heads, first);
          call.k.set(inputs.k.subarray(at, at + tokens * headDim));
          call.v.set(inputs.v.subarray(at, at + tokens * headDim));
          takeAft(call.at, slice, tokens);
        }
      }
    },
    step(token) {
      call.put(token);
      decodeAft(call.at, call.lane);
      call.take(token);
    },
    dispose: () => call.dispose(),
  });
}
