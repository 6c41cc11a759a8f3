import type { Device } from "../gpu/device.ts";
import { Stopwatch } from "../gpu/stopwatch.ts";
import { type BestRate, believed, bestRate, type Runs, type Size, type Timed } from "./best-rate.ts";

/** A shader whose work is known, to find how much of it the device does in a second. */
export interface Probe extends Pick<Runs, "groups" | "work"> {
  readonly label: string;
  /**
   * WGSL with the entry point `main`. It is given at binding 0 memory that it must seem to write, so that its work is not left
   * out, and at binding 1 a uniform `u32`, the number of rounds.
   */
  readonly code: string;
  /** What it reads besides, at binding 2; omitted if nothing. */
  readonly reads?: GPUBuffer;
}

/** Taken before any plug-in is loaded. */
const clock = performance.now.bind(performance);

/** How fast the device does what a probe does. */
export async function probedRate(device: Device, { label, code, reads, ...work }: Probe): Promise<BestRate> {
  const pipeline = await device.pipeline(label, code);
  const watch = device.has("timestamp-query") ? new Stopwatch(device) : null;
  const written = device.storage(label, 16);
  const rounds = device.uniform(label, 16);
  const group = device.gpu.createBindGroup({
    label,
    layout: pipeline.getBindGroupLayout(0),
    entries: [written, rounds, ...(reads === undefined ? [] : [reads])].map((buffer, binding) => ({
      binding,
      resource: { buffer },
    })),
  });
  const run = async (size: Size): Promise<Timed> => {
    device.gpu.queue.writeBuffer(rounds, 0, new Uint32Array([size.rounds]));
    const encoder = device.gpu.createCommandEncoder();
    const pass = encoder.beginComputePass(
      watch === null ? {} : { timestampWrites: watch.stamps(true, true) },
    );
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(size.groups);
    pass.end();
    watch?.resolve(encoder);
    const start = clock();
    device.gpu.queue.submit([encoder.finish()]);
    await device.finish();
    const around = (clock() - start) / 1000;
    return believed((await watch?.seconds()) ?? null, around);
  };
  try {
    return await bestRate({ ...work, run, now: () => clock() / 1000 });
  } finally {
    written.destroy();
    rounds.destroy();
    watch?.dispose();
  }
}
