import { printable } from "../../../core/errors.ts";
import type { DeviceFacts } from "../../../record/schema/device.ts";
import { type Device, FEATURES, LIMITS } from "../gpu/device.ts";

/** What some browsers and versions of Dawn tell, and others leave out. */
interface ToldBySome {
  readonly driver?: unknown;
  readonly isFallbackAdapter?: unknown;
}

/** What results record of a device: what its adapter says of itself, and what kernels use of it. */
export function deviceFacts({ name, adapter, gpu, found }: Device): DeviceFacts {
  const { vendor, architecture, device, description } = adapter.info;
  const { driver, isFallbackAdapter }: ToldBySome = adapter.info;
  return {
    name,
    vendor: short(vendor),
    architecture: short(architecture),
    device: short(device),
    description: short(description),
    software: typeof isFallbackAdapter === "boolean" ? isFallbackAdapter : null,
    driver: typeof driver === "string" && driver !== "" ? short(driver) : null,
    implementation: short(found.implementation),
    toggles: found.toggles.map(short),
    features: FEATURES.filter((one) => gpu.features.has(one)),
    limits: Object.fromEntries(LIMITS.map((limit) => [limit, gpu.limits[limit]])),
  };
}

function short(told: string): string {
  return printable(told, 200);
}
