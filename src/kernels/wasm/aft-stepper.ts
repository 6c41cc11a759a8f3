import type { Task } from "../../core/problem.ts";
import { FLOAT_BYTES, rowOffset } from "../../core/shape.ts";
import { checkPrefill, checkStep } from "../decode/refuse.ts";
import type { Stepper } from "../stepper.ts";
import type { Build } from "./build.ts";
import { ScratchPlan } from "./call.ts";
import { DecodeCall } from "./decode-call.ts";
import { TILE } from "./layout.ts";

/** The smallest float32 number. */
const LEAST = -(2 ** 127) * (2 - 2 ** -23);

/** An attention-free transformer without biases, one token at a time: three numbers a channel, whatever the position. */
export function prepareAftSteps({ shape }: Task, build: Build): Stepper {
  const { batch, heads, length, headDim } = shape;
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
  let position = 0;
  const reset = (): void => {
    state.fill(0);
    // No key has been seen.
    for (let at = 0; at < state.length; at += stateWords) {
      state.fill(LEAST, at, at + channels);
    }
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
          takeAft(call.at, slice, tokens);
        }
      }
      position = end;
    },
    step(token) {
      checkStep(shape, position, token);
      call.put(token);
      decodeAft(call.at, call.lane);
      call.take(token);
      position++;
    },
    dispose: () => call.dispose(),
  };
}
