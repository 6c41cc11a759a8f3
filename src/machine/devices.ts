import { messageOf } from "../core/errors.ts";
import type { Kernel } from "../kernels/kernel.ts";
import { withinPatience } from "../kernels/within-patience.ts";
import type { DeviceLine, DeviceRates } from "../record/schema/device.ts";
import type { Environment } from "../record/schema/result-lines.ts";

/** The devices that these kernels compute on, as results record them; nothing if they compute on processors. */
export function devicesOf(kernels: readonly Kernel[]): Pick<Environment, "devices"> {
  return withDevices(
    kernels.flatMap(({ id, device }) => {
      const open = device?.() ?? null;
      return open === null ? [] : [{ kernel: id, ...open.facts }];
    }),
  );
}

/** Seconds that a device may take to measure itself. */
const PATIENCE_S = 60;

/**
 * The same with what each reaches at its best. A device that fails at that stays without, and `warn` is told why: cases say
 * for themselves whether it computes.
 */
export async function measureDevices(
  kernels: readonly Kernel[],
  warn: (line: string) => void,
): Promise<Pick<Environment, "devices">> {
  const lines: DeviceLine[] = [];
  for (const { id, device } of kernels) {
    const open = device?.() ?? null;
    if (open === null) continue;
    try {
      const rates = await withinPatience("measuring", PATIENCE_S, () => open.measure());
      lines.push({ kernel: id, ...open.facts, rates: recorded(rates) });
    } catch (thrown) {
      warn(`kernel ${id}: what its device reaches is not known, ${messageOf(thrown)}`);
      lines.push({ kernel: id, ...open.facts });
    }
  }
  return withDevices(lines);
}

/** A rate that no results file could hold is not known. */
function recorded(rates: DeviceRates): DeviceRates {
  const known = (rate: number | null) => (rate !== null && rate >= 1 && rate < 1e30 ? rate : null);
  return {
    ...rates,
    register_flops_per_s: known(rates.register_flops_per_s),
    tile_flops_per_s: known(rates.tile_flops_per_s),
    read_bytes_per_s: known(rates.read_bytes_per_s),
  };
}

function withDevices(devices: DeviceLine[]): Pick<Environment, "devices"> {
  return devices.length === 0 ? {} : { devices };
}
