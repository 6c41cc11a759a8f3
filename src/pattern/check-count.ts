import { UsageError } from "../core/errors.ts";

/** Refuses anything but an integer of at least `least`; infinity is allowed, and means no limit. */
export function checkCount(where: string, name: string, value: number, least: number): void {
  if (!((Number.isInteger(value) || value === Number.POSITIVE_INFINITY) && value >= least)) {
    throw new UsageError(`${where}: ${name} must be an integer of at least ${least}, got ${value}`);
  }
}
