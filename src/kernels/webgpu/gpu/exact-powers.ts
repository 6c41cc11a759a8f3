import { exponentialsText } from "../wgsl/exponentials.ts";
import type { Device } from "./device.ts";
import { MAP_READ, USAGE } from "./usage.ts";

/** The error that its own power of 2 may have, relative: two units in the last place of a number just above a power. */
const MOST_ERROR = 2 ** -22;

/** Numbers of softmax that are looked at: as small as weights are that still count. */
const LEAST = -30;
const SAMPLES = 2 ** 14;
const THREADS = 64;

/** What attention also asks for, and what must come of it: no weight, and a NaN that stays one. */
const SPECIAL = [
  [0, 1],
  [-200, 0],
  [-3e38, 0],
  [Number.NEGATIVE_INFINITY, 0],
  [Number.NaN, Number.NaN],
] as const;

/**
 * Whether the device's own `exp2` is exact enough for attention: a specification that allows for an error of `3 +
 * 2|x|` units in the last place says nothing about what devices do, which is mostly two units.
 */
export async function hasExactPowers(device: Device): Promise<boolean> {
  const samples = Array.from({ length: SAMPLES }, (_, at) => Math.fround((LEAST * at) / SAMPLES));
  const asked = Float32Array.from([...samples, ...SPECIAL.map(([x]) => x)]);
  const powers = await powersOf(device, asked);
  const exact = samples.every((x, at) => Math.abs(powers[at] / 2 ** x - 1) <= MOST_ERROR);
  return exact && SPECIAL.every(([, power], at) => Object.is(powers[SAMPLES + at], power));
}

async function powersOf(device: Device, asked: Float32Array): Promise<Float32Array> {
  const { gpu } = device;
  return await device.guarded(async () => {
    const pipeline = await device.pipeline("powers", probe(asked.length));
    const { byteLength: size } = asked;
    const values = device.storage("powers", size);
    const reading = gpu.createBuffer({ label: "reading", size, usage: USAGE.mapRead | USAGE.copyTarget });
    try {
      gpu.queue.writeBuffer(values, 0, asked.buffer, 0, size);
      const encoder = gpu.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      const entries = [{ binding: 0, resource: { buffer: values } }];
      pass.setBindGroup(0, gpu.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
      pass.dispatchWorkgroups(Math.ceil(asked.length / THREADS));
      pass.end();
      encoder.copyBufferToBuffer(values, 0, reading, 0, size);
      gpu.queue.submit([encoder.finish()]);
      await reading.mapAsync(MAP_READ);
      return new Float32Array(reading.getMappedRange().slice(0));
    } finally {
      values.destroy();
      reading.destroy();
    }
  });
}

function probe(count: number): string {
  return `@group(0) @binding(0) var<storage, read_write> values: array<f32>;
${exponentialsText(true)}
@compute @workgroup_size(${THREADS})
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < ${count}u) { values[id.x] = exp2_1(values[id.x]); }
}
`;
}
