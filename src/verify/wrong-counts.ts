import { textOf } from "../core/errors.ts";

/**
 * What is wrong with what a kernel tells of itself; null where nothing is. Each count is a whole number, or null where `mayBeNull`
 * says so, and the same at every look: it goes into results, and is held against other runs exactly.
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
      return `${name} must be the same at every look, got ${value} and then ${textOf(again)}`;
  }
  return null;
}
