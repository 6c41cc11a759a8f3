import { printable } from "../core/errors.ts";

/** A name from a results file, made safe and short. */
export function shortName(name: string, limit = 32): string {
  // The two code points that printable leaves and XML forbids.
  const lawful = name.replace(
    /[\ufffe\uffff]/g,
    (character) => `\\u{${character.charCodeAt(0).toString(16)}}`,
  );
  return printable(lawful, limit);
}

/** Joins parts to a label, and numbers those that became equal because names were cut. */
export function labeller(): (parts: readonly string[]) => string {
  const copies = new Map<string, number>();
  const next = (wanted: string): string => {
    const copy = (copies.get(wanted) ?? 0) + 1;
    copies.set(wanted, copy);
    // Checked again, because a name may itself end in such a number.
    return copy === 1 ? wanted : next(`${wanted} (${copy})`);
  };
  return (parts) => next(apart(parts.filter((part) => part !== "").join(" · ")));
}

/**
 * Vega takes a scale's domain for a signal if it is named like a property of every object, such as
 * `constructor`.
 */
function apart(label: string): string {
  return label in Object.prototype ? `'${label}'` : label;
}

/** Each name with its label: safe to print, short, and unlike that of any other of them. */
export function labelsOf(names: readonly string[]): ReadonlyMap<string, string> {
  const label = labeller();
  return new Map([...new Set(names)].map((name) => [name, label([shortName(name)])]));
}
