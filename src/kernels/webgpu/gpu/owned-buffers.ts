import type { Device } from "./device.ts";

/** Buffers that are made for one purpose and freed together. */
export class OwnedBuffers {
  readonly #device: Device;
  readonly #all: GPUBuffer[] = [];
  #bytes = 0;

  constructor(device: Device) {
    this.#device = device;
  }

  /** Bytes of all of them. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Memory for so many bytes, which starts as zeros. */
  storage(label: string, bytes: number): GPUBuffer {
    const buffer = this.#device.storage(label, bytes);
    this.#all.push(buffer);
    this.#bytes += bytes;
    return buffer;
  }

  /** The same with these words in it. */
  constant(label: string, words: Uint32Array | Float32Array): GPUBuffer {
    const buffer = this.storage(label, words.byteLength);
    this.#device.write(buffer, 0, words);
    return buffer;
  }

  free(): void {
    for (const buffer of this.#all) buffer.destroy();
  }
}

/**
 * Makes something on a device that keeps the buffers it is given here; throws what the device finds wrong meanwhile as a
 * FailureError, with nothing left behind.
 */
export async function owningBuffers<T>(
  device: Device,
  make: (owned: OwnedBuffers) => Promise<T>,
): Promise<T> {
  const owned = new OwnedBuffers(device);
  try {
    return await device.guarded(async () => await make(owned));
  } catch (thrown) {
    owned.free();
    throw thrown;
  }
}
