import type { Part } from "./call-builder.ts";
import type { Device } from "./device.ts";

type Bindings = Readonly<Record<number, GPUBuffer | Part>>;

/**
 * A shader that is dispatched again and again on other parts of buffers: what it is bound to is made once for each of these
 * places.
 */
export class RepeatedDispatch {
  readonly #device: Device;
  readonly #pipeline: GPUComputePipeline;
  readonly #groups: GPUBindGroup[] = [];
  readonly #bindings: (place: number) => Bindings;

  private constructor(device: Device, pipeline: GPUComputePipeline, bindings: (place: number) => Bindings) {
    this.#device = device;
    this.#pipeline = pipeline;
    this.#bindings = bindings;
  }

  /** Compiles it. `bindings` are what it reads and writes at a place, by the numbers of group 0. */
  static async of(
    device: Device,
    label: string,
    code: string,
    bindings: (place: number) => Bindings,
  ): Promise<RepeatedDispatch> {
    return new RepeatedDispatch(device, await device.pipeline(label, code), bindings);
  }

  encode(pass: GPUComputePassEncoder, place: number, [x, y, z]: readonly [number, number, number]): void {
    this.#groups[place] ??= this.#device.gpu.createBindGroup({
      layout: this.#pipeline.getBindGroupLayout(0),
      entries: Object.entries(this.#bindings(place)).map(([binding, resource]) => ({
        binding: Number(binding),
        resource: "buffer" in resource ? resource : { buffer: resource },
      })),
    });
    pass.setPipeline(this.#pipeline);
    pass.setBindGroup(0, this.#groups[place]);
    pass.dispatchWorkgroups(x, y, z);
  }
}
