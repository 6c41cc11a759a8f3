import { FailureError, messageOf, printable } from "../../../core/errors.ts";
import type { FoundGpu } from "./found-gpu.ts";
import { USAGE } from "./usage.ts";

/** Features that are used where an adapter has them. */
export const FEATURES = ["timestamp-query", "subgroups"] as const satisfies readonly GPUFeatureName[];

/** Limits that are asked for as high as the adapter goes: by default a binding ends at 128 MiB. */
export const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxStorageBuffersPerShaderStage",
] as const satisfies readonly (keyof GPUSupportedLimits)[];

/** Buffers are sized and written in words of four bytes, and bindings must not be empty. */
const LEAST_BYTES = 16;

/**
 * An adapter with its one device: what compiles, holds memory and computes. What it finds wrong is kept and thrown by
 * `check`, since WebGPU tells errors when nobody waits for them.
 */
export class Device {
  readonly found: FoundGpu;
  readonly adapter: GPUAdapter;
  readonly gpu: GPUDevice;
  /** What it computes on, such as `SwiftShader driver 5.0.0`, from what the adapter says of itself. */
  readonly name: string;
  /** Whether it is a driver in software, which computes on the processors after all. */
  readonly isSoftware: boolean;
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();
  readonly #known = new Map<unknown, Promise<unknown>>();
  #fault: string | null = null;
  #lost: string | null = null;

  private constructor(found: FoundGpu, adapter: GPUAdapter, gpu: GPUDevice) {
    this.found = found;
    this.adapter = adapter;
    this.gpu = gpu;
    this.name = nameOf(adapter.info);
    this.isSoftware = adapter.info.isFallbackAdapter === true;
    gpu.addEventListener("uncapturederror", (event) => {
      // It is told where it is found; Dawn would also print it.
      event.preventDefault();
      this.#fault ??= oneLine(event.error.message);
    });
    void gpu.lost.then(({ reason, message }) => {
      this.#lost = `the device was lost, ${reason}: ${oneLine(message)}`;
    });
  }

  /** Opens an adapter and its device, or says why it cannot. */
  static async open(found: FoundGpu): Promise<Device | string> {
    try {
      // An adapter gives one device: each opening asks for a new one.
      const adapter = await found.gpu.requestAdapter({ powerPreference: "high-performance" });
      if (adapter === null) return "no adapter was found; install a driver for Vulkan, Metal or Direct3D 12";
      const gpu = await adapter.requestDevice({
        requiredFeatures: FEATURES.filter((one) => adapter.features.has(one)),
        requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
      });
      return new Device(found, adapter, gpu);
    } catch (thrown) {
      const told = found.toggles.length === 0 ? "" : ` (with ${printable(found.toggles.join(" "))})`;
      return `the device does not open, ${oneLine(messageOf(thrown))}${told}`;
    }
  }

  /** Whether the device is gone: nothing made on it can be used any more. */
  get isLost(): boolean {
    return this.#lost !== null;
  }

  has(feature: (typeof FEATURES)[number]): boolean {
    return this.gpu.features.has(feature);
  }

  /** Throws a FailureError with what the device found wrong since the last time, or if it is lost. */
  check(): void {
    const wrong = this.#lost ?? this.#fault;
    this.#fault = null;
    if (wrong !== null) throw new FailureError(`webgpu: ${wrong}`);
  }

  /** Resolves once all that was submitted is computed; throws what `check` does. */
  async finish(): Promise<void> {
    try {
      await this.gpu.queue.onSubmittedWorkDone();
    } finally {
      // What the device says is clearer than what failed because of it.
      this.check();
    }
  }

  /** Does something that makes buffers or pipelines, and throws what the device found wrong with them as a FailureError. */
  async guarded<T>(act: () => Promise<T>): Promise<T> {
    for (const filter of ERRORS) this.gpu.pushErrorScope(filter);
    let made: T | undefined;
    let thrown: unknown;
    try {
      made = await act();
    } catch (error) {
      thrown = error;
    }
    // Scopes are closed whatever happened, the last one first; a lost device answers none.
    const errors = await Promise.all(ERRORS.map(() => this.gpu.popErrorScope().catch(() => null)));
    // What was thrown here names its place.
    if (thrown instanceof FailureError) throw thrown;
    this.check();
    const [error] = errors.filter((one) => one !== null);
    if (error !== undefined) throw new FailureError(`webgpu: ${oneLine(error.message)}`);
    if (thrown !== undefined) throw thrown;
    // `act` has resolved.
    return made as T;
  }

  /** What `find` finds out about the device, asked once. */
  once<T>(find: (device: Device) => Promise<T>): Promise<T> {
    let known = this.#known.get(find);
    if (known === undefined) {
      known = find(this);
      known.catch(() => this.#known.delete(find));
      this.#known.set(find, known);
    }
    // What is kept under a function is what it gave.
    return known as Promise<T>;
  }

  /** Compiles a compute shader with the entry point `main`, once for each text. `label` names it in errors. */
  pipeline(label: string, code: string): Promise<GPUComputePipeline> {
    let pipeline = this.#pipelines.get(code);
    if (pipeline === undefined) {
      pipeline = this.#compile(label, code);
      // One that failed may succeed when there is more memory.
      pipeline.catch(() => this.#pipelines.delete(code));
      this.#pipelines.set(code, pipeline);
    }
    return pipeline;
  }

  async #compile(label: string, code: string): Promise<GPUComputePipeline> {
    const module = this.gpu.createShaderModule({ label, code });
    const { messages } = await module.getCompilationInfo();
    const wrong = messages.find(({ type }) => type === "error");
    if (wrong !== undefined) {
      const line = code.split("\n")[wrong.lineNum - 1] ?? "";
      throw new FailureError(
        `webgpu: shader ${label}, line ${wrong.lineNum}: ${oneLine(wrong.message)} in ${printable(line.trim(), 120)}`,
      );
    }
    return await this.gpu.createComputePipelineAsync({ label, layout: "auto", compute: { module } });
  }

  /** Memory that shaders read and write, of at least so many bytes, and which starts as zeros. */
  storage(label: string, bytes: number): GPUBuffer {
    const usage = USAGE.storage | USAGE.copySource | USAGE.copyTarget;
    return this.gpu.createBuffer({ label, size: wholeWords(bytes), usage });
  }

  /** Up to 64 KiB that every thread reads. */
  uniform(label: string, bytes: number): GPUBuffer {
    const usage = USAGE.uniform | USAGE.copyTarget;
    return this.gpu.createBuffer({ label, size: wholeWords(bytes), usage });
  }

  /** Copies numbers into a buffer, from a byte of it on: before what is submitted from here on. */
  write(
    buffer: GPUBuffer,
    at: number,
    values: Float32Array | Float16Array | Uint32Array | Int32Array | Uint8Array,
  ): void {
    // Of memory that threads share, as that of the wasm family is, Dawn takes none.
    const own = values.buffer instanceof ArrayBuffer ? values : values.slice();
    this.gpu.queue.writeBuffer(buffer, at, own.buffer, own.byteOffset, own.byteLength);
  }

  /** Ends it; buffers and pipelines are freed with it. */
  close(): void {
    this.gpu.destroy();
  }
}

const ERRORS = ["validation", "out-of-memory", "internal"] as const satisfies readonly GPUErrorFilter[];

/** The size of a buffer that holds so many bytes. */
export function wholeWords(bytes: number): number {
  return Math.max(LEAST_BYTES, Math.ceil(bytes / 16) * 16);
}

function nameOf({ vendor, architecture, device, description }: GPUAdapterInfo): string {
  const told =
    description !== "" ? description : [vendor, architecture, device].filter((one) => one !== "").join(" ");
  return told === "" ? "an adapter that does not say what it is" : printable(told, 120);
}

function oneLine(message: string): string {
  const [line = ""] = message.split("\n").filter((one) => one.trim() !== "");
  return line === "" ? "without saying why" : printable(line.trim(), 300);
}
