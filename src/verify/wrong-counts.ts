import { textOf } from "../core/errors.ts";

/**
 * What is wrong with the counts a kernel reports, or null. Each count is a whole number, or null if
 * `mayBeNull`, and the same every time it is read: it goes into results, and is compared exactly with other
 * runs.
 */
export function wrongCounts<K extends string>(
  told: { readonly [name in K]: number | null },
  names: readonly K[],
  mayBeNull: boolean,
): string | null {
  for (const name of names) {
    const value = told[name];
    if (!(Number.isInteger(value) && Number(value) >= 0) && !(mayBeNull && value === null)) {
      return `${name} must be a whole number${mayBeNull ? " or null" : ""}, got ${textOf(value)}`;
    }
    const again = told[name];
    if (again !== value)
      return `${name} must be the same every time it is read, got ${value} and then ${textOf(again)}`;
  }
  return null;
}
