import type { OwnTime, Runnable } from "../../kernel.ts";
import type { Counts, Dispatch } from "./call-builder.ts";
import type { Device } from "./device.ts";
import { readBack } from "./read-back.ts";
import { Stopwatch } from "./stopwatch.ts";

import { type Copy, copyFor, STORED, type Storage, stored } from "./storage.ts";

/** An input of the call: the array that the problem has it in, and where it is on the device. */
export interface InputBuffer {
  readonly values: Float32Array;
  readonly buffer: GPUBuffer;
}

/** What a call consists of. */
export interface CallParts {
  readonly device: Device;
  readonly storage: Storage;
  readonly inputs: readonly InputBuffer[];
  readonly output: Float32Array;
  readonly outputBuffer: GPUBuffer;
  readonly dispatches: readonly Dispatch[];
  /** Every buffer of the call, to be freed with it. */
  readonly owned: readonly GPUBuffer[];
  readonly workspaceBytes: number;
  readonly counts: Counts;
}

/** Taken before any plug-in is loaded. */
const clock = performance.now.bind(performance);

/** Systems take a device for hung that computes for some seconds without a pause: no submission is to take longer. */
const SUBMISSION_S = 0.25;
/** Dispatches of a submission: the host encodes one in some microseconds. */
const MOST_DISPATCHES = 4096;

/** A prepared call on a device. Its own clock times several calls in one submission, which cost the host as much as one. */
export class DeviceCall implements Runnable {
  /** What a submission costs is part of its calls' time, and the device's own clock is told beside it. */
  readonly clock = "host";
  readonly #parts: CallParts;
  readonly #stopwatch: Stopwatch | null;
  readonly #copies: readonly Copy[];
  #callSeconds: number | null = null;
  readonly workspaceBytes: number;
  readonly executedFlops: number | null;
  readonly bytes: number | null;
  readonly whyFewer?: string;

  constructor(parts: CallParts) {
    const { device, storage, inputs, workspaceBytes, counts } = parts;
    this.#parts = parts;
    this.#stopwatch = device.has("timestamp-query") ? new Stopwatch(device) : null;
    this.#copies = inputs.map(({ values }) => copyFor(values, storage));
    this.workspaceBytes = workspaceBytes;
    this.executedFlops = counts.executedFlops;
    this.bytes = counts.bytes;
    if (counts.whyFewer !== undefined) this.whyFewer = counts.whyFewer;
  }

  async load(): Promise<void> {
    const { device, inputs } = this.#parts;
    for (const [index, { values, buffer }] of inputs.entries()) {
      device.write(buffer, 0, stored(values, this.#copies[index]));
    }
    await device.finish();
  }

  run(): void {
    this.#submit(1, undefined, undefined);
  }

  async finish(): Promise<void> {
    await this.#parts.device.finish();
  }

  async timed(calls: number): Promise<OwnTime> {
    const { device } = this.#parts;
    const most = this.#mostCalls();
    const start = clock();
    for (let done = 0; done < calls; ) {
      const count = Math.min(most, calls - done);
      this.#submit(count, done === 0, done + count === calls);
      done += count;
    }
    const submitting = (clock() - start) / 1000;
    await device.finish();
    const wall = (clock() - start) / 1000;
    if (wall > 0) this.#callSeconds = wall / calls;
    return { wall, device: (await this.#stopwatch?.seconds()) ?? null, submitting };
  }

  async fetch(): Promise<void> {
    const { device, output, outputBuffer, storage } = this.#parts;
    const { length } = output;
    await readBack(device, outputBuffer, STORED[storage].bytes * length, (memory) => {
      const isHalves = storage === "float16";
      output.set(isHalves ? new Float16Array(memory, 0, length) : new Float32Array(memory, 0, length));
    });
  }

  output(): Float32Array {
    return this.#parts.output;
  }

  dispose(): void {
    for (const buffer of this.#parts.owned) buffer.destroy();
    this.#stopwatch?.dispose();
  }

  #mostCalls(): number {
    const byCount = Math.max(1, Math.floor(MOST_DISPATCHES / Math.max(1, this.#parts.dispatches.length)));
    if (this.#callSeconds === null) return 1;
    return Math.max(1, Math.min(byCount, Math.floor(SUBMISSION_S / this.#callSeconds)));
  }

  /** `begins` and `ends`: whether the stopwatch starts and stops here; left undefined where nothing is timed. */
  #submit(calls: number, begins: boolean | undefined, ends: boolean | undefined): void {
    const { device, dispatches } = this.#parts;
    const encoder = device.gpu.createCommandEncoder();
    const watch = begins === true || ends === true ? this.#stopwatch : null;
    const stamps = watch?.stamps(begins === true, ends === true);
    const pass = encoder.beginComputePass(stamps === undefined ? {} : { timestampWrites: stamps });
    for (let call = 0; call < calls; call++) {
      for (const { pipeline, group, groups } of dispatches) {
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(...groups);
      }
    }
    pass.end();
    if (ends === true) watch?.resolve(encoder);
    device.gpu.queue.submit([encoder.finish()]);
  }
}
