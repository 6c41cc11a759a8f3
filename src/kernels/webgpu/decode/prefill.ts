import { FLOAT_BYTES, layoutOf, offsetIn, type Shape } from "../../../core/shape.ts";
import type { AttentionInputs } from "../../../core/tensors.ts";
import type { DecodeSchedule } from "../../decode/compile-decode.ts";
import type { Device } from "../gpu/device.ts";
import type { OwnedBuffers } from "../gpu/owned-buffers.ts";
import { RepeatedDispatch } from "../gpu/repeated-dispatch.ts";
import { cacheBindings, type StepMemory } from "./step-memory.ts";
import type { StepShape } from "./step-shape.ts";
import { TAKE_IN_BINDINGS, takeInGroups, takeInShader } from "./take-in-shader.ts";
import { NOWHERE, TOKEN } from "./token-words.ts";

/** Bytes of keys, or of values, that are handed over at a time. */
const MOST_BYTES = 2 ** 24;

/** Takes in tokens `from … to - 1` of inputs without their outputs. */
export type Prefill = (inputs: AttentionInputs, from: number, to: number) => void;

/** Keys and values are handed over as they lie in the inputs, some thousands of tokens at a time. */
export async function preparePrefill(
  device: Device,
  owned: OwnedBuffers,
  shape: Shape,
  shader: StepShape,
  schedules: readonly DecodeSchedule[],
  slices: number,
  memory: StepMemory,
): Promise<Prefill> {
  const { batch, kvHeads, headDim, valueDim, length } = shape;
  const bytesOf = (tokens: number, width: number): number => FLOAT_BYTES * batch * kvHeads * tokens * width;
  const most = Math.min(
    length,
    Math.max(1, Math.floor(MOST_BYTES / bytesOf(1, Math.max(headDim, valueDim)))),
  );
  const words = new Uint32Array(TOKEN.words + schedules.length * most);
  const arriving = {
    token: owned.storage("arriving tokens", words.byteLength),
    k: owned.storage("arriving keys", bytesOf(most, headDim)),
    v: owned.storage("arriving values", bytesOf(most, valueDim)),
  };
  const B = TAKE_IN_BINDINGS;
  const takeIn = await RepeatedDispatch.of(device, "taking in tokens", takeInShader(shader), () => ({
    [B.token]: arriving.token,
    [B.newKeys]: arriving.k,
    [B.newValues]: arriving.v,
    ...cacheBindings(memory),
  }));
  const handOver = (inputs: AttentionInputs, name: "k" | "v", first: number, count: number): void => {
    const layout = layoutOf(inputs.shape, name);
    const size = count * layout.width;
    for (let slice = 0; slice < batch * kvHeads; slice++) {
      const start = offsetIn(layout, 0, slice, first);
      device.write(arriving[name], FLOAT_BYTES * slice * size, inputs[name].subarray(start, start + size));
    }
  };
  return (inputs, from, to) => {
    for (let first = from; first < to; first += most) {
      const count = Math.min(most, to - first);
      words[TOKEN.first] = first;
      words[TOKEN.count] = count;
      for (const [index, { slotOf, lastQuery }] of schedules.entries()) {
        for (let token = 0; token < count; token++) {
          // Keys that the tokens taken in here attend for the last time are never read.
          const isKept = lastQuery[first + token] >= to;
          words[TOKEN.words + index * count + token] = isKept ? slotOf[first + token] : NOWHERE;
        }
      }
      device.write(arriving.token, 0, words.subarray(0, TOKEN.words + schedules.length * count));
      handOver(inputs, "k", first, count);
      handOver(inputs, "v", first, count);
      const encoder = device.gpu.createCommandEncoder();
      const pass = encoder.beginComputePass();
      takeIn.encode(pass, 0, takeInGroups(shader, slices, count));
      pass.end();
      device.gpu.queue.submit([encoder.finish()]);
    }
  };
}
