import type { Device } from "./device.ts";
import { MAP_READ, USAGE } from "./usage.ts";

const STAMP_BYTES = 8;

/** A device's own clock: from where the first pass of some begins to where the last one ends. */
export class Stopwatch {
  readonly #device: Device;
  readonly #set: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  readonly #reading: GPUBuffer;

  constructor(device: Device) {
    const size = 2 * STAMP_BYTES;
    this.#device = device;
    this.#set = device.gpu.createQuerySet({ type: "timestamp", count: 2 });
    this.#resolved = device.gpu.createBuffer({ size, usage: USAGE.queryResolve | USAGE.copySource });
    this.#reading = device.gpu.createBuffer({ size, usage: USAGE.mapRead | USAGE.copyTarget });
  }

  /** What a pass writes if the time begins, or ends, with it. */
  stamps(begins: boolean, ends: boolean): GPUComputePassTimestampWrites {
    return {
      querySet: this.#set,
      ...(begins && { beginningOfPassWriteIndex: 0 }),
      ...(ends && { endOfPassWriteIndex: 1 }),
    };
  }

  /** Behind the last pass. */
  resolve(encoder: GPUCommandEncoder): void {
    encoder.resolveQuerySet(this.#set, 0, 2, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#reading, 0, 2 * STAMP_BYTES);
  }

  /**
   * Seconds between the two, once they are computed; null if the clock went backwards, as some do when they are set, or not
   * at all, as where a driver writes nothing.
   */
  async seconds(): Promise<number | null> {
    await this.#reading.mapAsync(MAP_READ);
    const [begin, end] = new BigUint64Array(this.#reading.getMappedRange().slice(0));
    this.#reading.unmap();
    this.#device.check();
    return end > begin ? Number(end - begin) / 1e9 : null;
  }

  dispose(): void {
    this.#set.destroy();
    this.#resolved.destroy();
    this.#reading.destroy();
  }
}
