import type { FindGpu, FoundGpu } from "../../../src/kernels/webgpu/gpu/found-gpu.ts";

/** What is other than the GPU's own of its objects: methods and properties in the place of theirs. */
export interface Bend {
  readonly gpu?: (gpu: GPU) => Partial<GPU>;
  readonly adapter?: (adapter: GPUAdapter) => Partial<GPUAdapter>;
  readonly device?: (device: GPUDevice) => Partial<GPUDevice>;
  readonly queue?: (queue: GPUQueue, device: GPUDevice) => Partial<GPUQueue>;
  readonly encoder?: (encoder: GPUCommandEncoder, device: GPUDevice) => Partial<GPUCommandEncoder>;
  readonly pass?: (pass: GPUComputePassEncoder) => Partial<GPUComputePassEncoder>;
}

/** A GPU that is what another is, but for what is bent. Buffers, pipelines and the like are the other's own. */
export function bentGpu(find: FindGpu, bend: Bend): FindGpu {
  return async () => {
    const found = await find();
    return typeof found === "string" ? found : { ...found, gpu: ofGpu(found, bend) };
  };
}

function ofGpu({ gpu }: FoundGpu, bend: Bend): GPU {
  return inPlace(gpu, {
    async requestAdapter(options) {
      const adapter = await gpu.requestAdapter(options);
      return adapter === null ? null : ofAdapter(adapter, bend);
    },
    ...bend.gpu?.(gpu),
  });
}

function ofAdapter(adapter: GPUAdapter, bend: Bend): GPUAdapter {
  return inPlace(adapter, {
    requestDevice: async (descriptor) => ofDevice(await adapter.requestDevice(descriptor), bend),
    ...bend.adapter?.(adapter),
  });
}

function ofDevice(device: GPUDevice, bend: Bend): GPUDevice {
  const queue = inPlace(device.queue, bend.queue?.(device.queue, device) ?? {});
  return inPlace(device, {
    queue,
    createCommandEncoder(descriptor) {
      const encoder = device.createCommandEncoder(descriptor);
      return inPlace(encoder, {
        beginComputePass(of) {
          const pass = encoder.beginComputePass(of);
          return inPlace(pass, bend.pass?.(pass) ?? {});
        },
        ...bend.encoder?.(encoder, device),
      });
    },
    ...bend.device?.(device),
  });
}

/** An object with some of its members replaced; native methods are called on the object itself. */
function inPlace<T extends object>(target: T, members: Partial<T>): T {
  return new Proxy(target, {
    get(of, name) {
      if (name in members) return Reflect.get(members, name);
      const value: unknown = Reflect.get(of, name, of);
      return typeof value === "function" ? value.bind(of) : value;
    },
  });
}
