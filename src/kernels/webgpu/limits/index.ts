import type { DeviceRates } from "../../../record/schema/device.ts";
import type { Device } from "../gpu/device.ts";
import type { BestRate } from "./best-rate.ts";
import { memoryReads, memoryToRead } from "./memory-reads.ts";
import { probedRate } from "./probe.ts";
import { REGISTER_PRODUCTS } from "./register-products.ts";
import { TILE_PRODUCTS } from "./tile-products.ts";

/**
 * Measures what a device reaches at its best, in some tenths of a second for each rate, on slow devices some seconds in all.
 * Throws a FailureError if the device fails.
 */
export async function measureRates(device: Device): Promise<DeviceRates> {
  return await device.guarded(async () => {
    const registers = await probedRate(device, REGISTER_PRODUCTS);
    const tiles = await probedRate(device, TILE_PRODUCTS);
    const memory = await memoryToRead(device);
    try {
      const reads = memory === null ? null : await probedRate(device, memoryReads(memory));
      const used: BestRate[] = [registers, tiles, ...(reads === null ? [] : [reads])];
      return {
        clock: used.every(({ clock }) => clock === "device") ? "device" : "host",
        register_flops_per_s: registers.perSecond,
        tile_flops_per_s: tiles.perSecond,
        read_bytes_per_s: reads?.perSecond ?? null,
        ...(memory !== null && { read_bytes: memory.size }),
      };
    } finally {
      memory?.destroy();
    }
  });
}
