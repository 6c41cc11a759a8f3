import type { DeviceLine } from "./device.ts";
import type { CaseIdentity, Environment } from "./result-lines.ts";

/** What a run recorded of the best that its machine, and the devices beside it, reach. */
export type KnownLimits = Pick<Environment, "ceilings" | "read_rates" | "devices">;

/** What tells where a case was computed. */
type Placed = Pick<CaseIdentity, "kernel"> & { readonly device_s?: number | undefined };

/** The device that a case was computed on; null if the processors did it, or if nothing is known of the device. */
export function deviceOfCase({ kernel }: Placed, { devices = [] }: KnownLimits): DeviceLine | null {
  return devices.find((one) => one.kernel === kernel) ?? null;
}

/** Whether a case was computed on a device of its own, known or not: no limit of the processors is its own. */
export function isOnDevice(row: Placed, limits: KnownLimits): boolean {
  return row.device_s !== undefined || deviceOfCase(row, limits) !== null;
}

/**
 * Operations per second that a case is read against: on a device, what products of tiles reach there; on processors, the
 * best of its own kernel's builds on as many threads, and of any where that kernel has none of its own. Null if none is known.
 */
export function bestCeiling(row: Placed & Pick<CaseIdentity, "threads">, limits: KnownLimits): number | null {
  if (isOnDevice(row, limits)) return deviceOfCase(row, limits)?.rates?.tile_flops_per_s ?? null;
  const fitting = (limits.ceilings ?? []).filter((one) => one.threads === row.threads);
  const own = fitting.filter((one) => one.kernel === row.kernel);
  const rates = (own.length > 0 ? own : fitting).map((one) => one.flops_per_s);
  return rates.length === 0 ? null : Math.max(...rates);
}

/** Operations per second that nothing honest exceeds there: on a device, products in registers may be faster than those of tiles. */
export function utmostRate(row: Placed & Pick<CaseIdentity, "threads">, limits: KnownLimits): number | null {
  const best = bestCeiling(row, limits);
  const registers = deviceOfCase(row, limits)?.rates?.register_flops_per_s ?? null;
  return registers === null ? best : Math.max(registers, best ?? 0);
}
