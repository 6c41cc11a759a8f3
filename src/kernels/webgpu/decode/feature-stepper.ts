import type { Task } from "../../../core/problem.ts";
import { FLOAT_BYTES, layoutOf, offsetIn } from "../../../core/shape.ts";
import { type FeatureMap, featureCount } from "../../../mechanisms/feature-map/declare.ts";
import { constantStateStepper } from "../../decode/constant-state.ts";
import type { Stepper } from "../../stepper.ts";
import { planMap } from "../feature-map/plan.ts";
import type { Device } from "../gpu/device.ts";
import { type OwnedBuffers, owningBuffers } from "../gpu/owned-buffers.ts";
import { RepeatedDispatch } from "../gpu/repeated-dispatch.ts";
import { aligned, StepQueue } from "../gpu/step-queue.ts";
import { gridOf } from "../wgsl/grid.ts";
import { copyRows } from "./copy-rows.ts";
import { FEATURE_BINDINGS, FEATURE_WORDS, featureShader, stateQuads } from "./feature-shader.ts";
import { quadsOf } from "./step-shape.ts";

/** Tokens that a prefill hands over at a time: a workgroup takes them in one after the other, and devices must not seem to hang. */
const PREFILLED = 512;

/** Linear attention, one query at a time against a state on a device. */
export async function prepareFeatureSteps(
  task: Task,
  mechanism: FeatureMap,
  device: Device,
): Promise<Stepper> {
  return await owningBuffers(device, async (owned) => await stepperOn(device, owned, task, mechanism));
}

async function stepperOn(
  device: Device,
  owned: OwnedBuffers,
  { shape }: Task,
  mechanism: FeatureMap,
): Promise<Stepper> {
  const { batch, heads, kvHeads, headDim, valueDim } = shape;
  const slices = batch * kvHeads;
  const map = planMap(mechanism, shape);
  const state = owned.storage("states", 16 * slices * 4 * map.quads * stateQuads(valueDim));
  const table = map.table === null ? null : owned.constant("table", map.table);
  const code = featureShader({ map, headDim, valueDim });
  const B = FEATURE_BINDINGS;
  const shared = { [B.state]: state, ...(table !== null && { [B.table]: table }) };
  const groups = [...gridOf(slices), 1] as const;

  const wordBytes = FLOAT_BYTES * FEATURE_WORDS.words;
  const qBytes = FLOAT_BYTES * batch * heads * headDim;
  const [kBytes, vBytes] = [headDim, valueDim].map((width) => FLOAT_BYTES * slices * width);
  const qAt = aligned(wordBytes);
  const kAt = aligned(qAt + qBytes);
  const vAt = aligned(kAt + kBytes);
  const sizes = { token: vAt + vBytes, output: 16 * batch * heads * quadsOf(valueDim) };
  const queue = new StepQueue(
    device,
    owned,
    sizes,
    (pass, place) => step.encode(pass, place, groups),
    (values, out) => copyRows(values, out, shape),
  );
  const step = await RepeatedDispatch.of(device, "a step", code, (place) => {
    const from = (at: number, size: number) => ({
      ...{ buffer: queue.tokens, offset: place * aligned(sizes.token) + at, size },
    });
    return {
      [B.words]: from(0, wordBytes),
      [B.q]: from(qAt, qBytes),
      [B.k]: from(kAt, kBytes),
      [B.v]: from(vAt, vBytes),
      [B.outputs]: { buffer: queue.outputs, offset: place * aligned(sizes.output), size: sizes.output },
      ...shared,
    };
  });

  const arriving = {
    words: owned.storage("arriving words", wordBytes),
    k: owned.storage("arriving keys", PREFILLED * kBytes),
    v: owned.storage("arriving values", PREFILLED * vBytes),
    // Nothing is read, and nothing written.
    q: owned.storage("no queries", qBytes),
    outputs: owned.storage("no outputs", sizes.output),
  };
  const prefill = await RepeatedDispatch.of(device, "taking in tokens", code, () => ({
    ...{ [B.words]: arriving.words, [B.q]: arriving.q, [B.k]: arriving.k, [B.v]: arriving.v },
    [B.outputs]: arriving.outputs,
    ...shared,
  }));
  const fill = (words: Uint32Array, first: number, count: number, readers: number): void => {
    words[FEATURE_WORDS.first] = first;
    words[FEATURE_WORDS.count] = count;
    words[FEATURE_WORDS.slices] = slices;
    words[FEATURE_WORDS.readers] = readers;
    new Float32Array(words.buffer, words.byteOffset)[FEATURE_WORDS.epsilon] = map.epsilon;
  };
  const stateBytes = FLOAT_BYTES * slices * featureCount(mechanism.feature, headDim) * (valueDim + 1);
  return constantStateStepper(shape, {
    stateBytes,
    workspaceBytes: owned.bytes - stateBytes,
    clear() {
      queue.forget();
      const encoder = device.gpu.createCommandEncoder();
      encoder.clearBuffer(state);
      device.gpu.queue.submit([encoder.finish()]);
    },
    takeIn(inputs, from, to) {
      queue.submit();
      for (let first = from; first < to; first += PREFILLED) {
        const count = Math.min(PREFILLED, to - first);
        const words = new Uint32Array(FEATURE_WORDS.words);
        fill(words, first, count, 0);
        device.write(arriving.words, 0, words);
        for (const name of ["k", "v"] as const) {
          const layout = layoutOf(inputs.shape, name);
          const size = count * layout.width;
          for (let slice = 0; slice < slices; slice++) {
            const start = offsetIn(layout, 0, slice, first);
            device.write(
              arriving[name],
              FLOAT_BYTES * slice * size,
              inputs[name].subarray(start, start + size),
            );
          }
        }
        const encoder = device.gpu.createCommandEncoder();
        const pass = encoder.beginComputePass();
        prefill.encode(pass, 0, groups);
        pass.end();
        device.gpu.queue.submit([encoder.finish()]);
      }
    },
    step(token, position) {
      const { words, floats } = queue.next();
      fill(words, position, 1, heads / kvHeads);
      floats.set(token.q, qAt / 4);
      floats.set(token.k, kAt / 4);
      floats.set(token.v, vAt / 4);
      queue.start(token.out);
    },
    finish: () => queue.finish(),
    fetch: () => queue.fetch(),
    dispose: () => owned.free(),
  });
}
