import { UsageError } from "../core/errors.ts";

/** Refuses anything but an integer from `least` to `most`; infinity, if `most` allows it, means no limit. */
export function checkCount(
  where: string,
  name: string,
  value: number,
  least: number,
  most = Number.POSITIVE_INFINITY,
): void {
  const integer = Number.isInteger(value) || value === Number.POSITIVE_INFINITY;
  if (!(integer && value >= least && value <= most)) {
    throw new UsageError(`${where}: ${name} must be an integer of at least ${least}, got ${value}`);
  }
}
