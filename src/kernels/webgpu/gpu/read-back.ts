import { type Device, wholeWords } from "./device.ts";
import { MAP_READ, USAGE } from "./usage.ts";

/**
 * Lends the first `bytes` of a buffer to `take`, once all that was submitted before is computed. Throws what the device finds
 * wrong.
 */
export async function readBack(
  device: Device,
  from: GPUBuffer,
  bytes: number,
  take: (memory: ArrayBuffer) => void,
): Promise<void> {
  const size = wholeWords(bytes);
  const usage = USAGE.mapRead | USAGE.copyTarget;
  const reading = device.gpu.createBuffer({ label: "reading", size, usage });
  try {
    const encoder = device.gpu.createCommandEncoder();
    encoder.copyBufferToBuffer(from, 0, reading, 0, size);
    device.gpu.queue.submit([encoder.finish()]);
    await reading.mapAsync(MAP_READ);
    device.check();
    take(reading.getMappedRange());
  } catch (thrown) {
    // What the device says is clearer than what failed because of it.
    device.check();
    throw thrown;
  } finally {
    reading.destroy();
  }
}
