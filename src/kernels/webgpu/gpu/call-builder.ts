import { isReduced } from "../../../core/dtype.ts";
import type { Problem } from "../../../core/problem.ts";
import { namesIn, tensorNamed } from "../../../core/tensors.ts";
import type { Runnable } from "../../kernel.ts";
import type { Device } from "./device.ts";
import { DeviceCall, type InputBuffer } from "./device-call.ts";
import { STORED, type Storage } from "./storage.ts";

/** A part of a buffer; its `offset` is a multiple of 256 bytes. */
export interface Part {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly size: number;
}

/** What one dispatch is made of. */
export interface DispatchPlan {
  /** Names it in errors. */
  readonly label: string;
  /** WGSL, with the entry point `main`. */
  readonly code: string;
  /** What it reads and writes, by the number of its binding in group 0. */
  readonly bindings: Readonly<Record<number, GPUBuffer | Part>>;
  /** Workgroups in x, y and z; see `gridOf` for more than 65 535 in one. */
  readonly groups: readonly [x: number, y: number, z: number];
}

/** One dispatch, ready to be encoded. */
export interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly groups: readonly [x: number, y: number, z: number];
}

/** What a call costs, as `Runnable` has it. */
export type Counts = Pick<Runnable, "executedFlops" | "bytes" | "whyFewer">;

/**
 * Builds a call that computes on a device: buffers for its inputs and output, workspace, and dispatches, which run in the
 * order in which they were added, each after the one before it has written. Whatever it made is freed by `dispose` of the
 * call, or by `discard` if there comes none.
 */
export class CallBuilder {
  readonly device: Device;
  /** How inputs and the output are stored on the device. */
  readonly storage: Storage;
  readonly #output: Float32Array;
  readonly #outputBuffer: GPUBuffer;
  readonly #inputs = new Map<string, InputBuffer>();
  readonly #owned: GPUBuffer[] = [];
  readonly #dispatches: Dispatch[] = [];
  #workspaceBytes = 0;

  constructor(device: Device, { inputs, dtype }: Problem, output: Float32Array) {
    this.device = device;
    this.storage = isReduced(dtype) ? "float16" : "float32";
    this.#output = output;
    const bytes = STORED[this.storage].bytes;
    for (const name of namesIn(inputs)) {
      const values = tensorNamed(inputs, name);
      this.#inputs.set(name, { values, buffer: this.#own(device.storage(name, bytes * values.length)) });
    }
    this.#outputBuffer = this.#own(device.storage("output", bytes * output.length));
  }

  /** Where an input is: q, k, v or one of the kind's own. Throws a TypeError if there is none of this name. */
  input(name: string): GPUBuffer {
    const found = this.#inputs.get(name);
    if (found === undefined) throw new TypeError(`webgpu: the call has no input ${name}`);
    return found.buffer;
  }

  /** Where the output goes. */
  get output(): GPUBuffer {
    return this.#outputBuffer;
  }

  /** Memory for what dispatches hand on to one another, as zeros at first; it counts as workspace. */
  scratch(label: string, bytes: number): GPUBuffer {
    this.#workspaceBytes += bytes;
    return this.#own(this.device.storage(label, bytes));
  }

  /** What stays the same from call to call, such as a schedule; it counts as workspace. */
  constant(label: string, words: Uint32Array | Int32Array | Float32Array): GPUBuffer {
    const buffer = this.scratch(label, words.byteLength);
    this.device.write(buffer, 0, words);
    return buffer;
  }

  /** The same for a few numbers that every thread reads. Floats and integers: `words` is an ArrayBuffer for both. */
  uniform(label: string, words: ArrayBuffer): GPUBuffer {
    this.#workspaceBytes += words.byteLength;
    const buffer = this.#own(this.device.uniform(label, words.byteLength));
    this.device.write(buffer, 0, new Uint8Array(words));
    return buffer;
  }

  /** Adds a dispatch after those that were added before. Throws a FailureError if it does not compile. */
  async dispatch({ label, code, bindings, groups }: DispatchPlan): Promise<void> {
    const pipeline = await this.device.pipeline(label, code);
    const group = this.device.gpu.createBindGroup({
      label,
      layout: pipeline.getBindGroupLayout(0),
      entries: Object.entries(bindings).map(([binding, resource]) => ({
        binding: Number(binding),
        resource: "buffer" in resource ? resource : { buffer: resource },
      })),
    });
    this.#dispatches.push({ pipeline, group, groups });
  }

  /** The call. */
  built(counts: Counts): Runnable {
    return new DeviceCall({
      device: this.device,
      storage: this.storage,
      inputs: [...this.#inputs.values()],
      output: this.#output,
      outputBuffer: this.#outputBuffer,
      dispatches: this.#dispatches,
      owned: this.#owned,
      workspaceBytes: this.#workspaceBytes,
      counts,
    });
  }

  /** Frees what was made, where no call comes of it. */
  discard(): void {
    for (const buffer of this.#owned) buffer.destroy();
  }

  #own(buffer: GPUBuffer): GPUBuffer {
    this.#owned.push(buffer);
    return buffer;
  }
}

/**
 * Builds a call for a problem: `build` adds its dispatches and returns what it costs. Whatever the device finds wrong
 * meanwhile is thrown as a FailureError, and nothing is left behind.
 */
export async function buildCall(
  device: Device,
  problem: Problem,
  output: Float32Array,
  build: (builder: CallBuilder) => Promise<Counts>,
): Promise<Runnable> {
  let made: Pick<Runnable, "dispose"> | undefined;
  try {
    return await device.guarded(async () => {
      const builder = new CallBuilder(device, problem, output);
      made = { dispose: () => builder.discard() };
      const call = builder.built(await build(builder));
      made = call;
      return call;
    });
  } catch (thrown) {
    // Of a lost device, too: what was found wrong may have been told after the call was built.
    made?.dispose();
    throw thrown;
  }
}
