import type { Entry } from "../ranking/entry.ts";

// Runs in the page as well: imports types only.

/** What an answer is about. */
export interface Asked {
  /** Of one unit, in the order of the report: all of a file, or those that a reader asked to see. */
  readonly entries: readonly Entry[];
  /** All of that unit, among which their baselines are. */
  readonly all: readonly Entry[];
  /** What the baseline is called. */
  readonly baseline: string;
}

/** An answer in one short sentence with its numbers; null if the entries do not give it. */
export type Teller = (asked: Asked) => string | null;

/** Whether others are compared with it. */
export function isBaseline({ place, baseline }: Entry): boolean {
  return place === baseline;
}

/** Those that have a value at the longest length at which one besides the baselines has it, or any; none if none has. */
export function atLongest<Known extends { readonly entry: Entry; readonly length: number }>(
  known: readonly Known[],
): readonly Known[] {
  const others = known.filter(({ entry }) => !isBaseline(entry));
  const compared = others.length > 0 ? others : known;
  const longest = compared.reduce((most, { length }) => Math.max(most, length), 0);
  return compared.filter(({ length }) => length === longest);
}

/** `122 KiB (global) to 2.19 MiB (longformer)`, or one of them if they read alike. At least one. */
export function rangeText(
  known: readonly { readonly entry: Entry; readonly value: number }[],
  format: (value: number) => string,
): string {
  const sorted = known.toSorted((a, b) => a.value - b.value);
  const [least, most] = [sorted[0], sorted[sorted.length - 1]];
  const told = ({ entry, value }: (typeof known)[number]) => `${format(value)} (${entry.label})`;
  return format(least.value) === format(most.value) ? format(least.value) : `${told(least)} to ${told(most)}`;
}
