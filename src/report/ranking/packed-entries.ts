import type { Entry, Measured, Point } from "./entry.ts";

// Runs in the page as well: imports types only.

/** An entry as the page holds it: its points as numbers, which are most of it. */
export interface PackedEntry extends Omit<Entry, "points"> {
  readonly points: readonly PackedPoint[];
}

/** Length, time and gain with the ends of their intervals, memory, state, error, what is saved; those that end it are omitted if null. */
type PackedPoint = readonly (number | null)[];

/** Significant digits: more than is shown. */
const DIGITS = 6;

/** Entries in fewer bytes, their numbers with six digits. */
export function packedEntries(entries: readonly Entry[]): readonly PackedEntry[] {
  return entries.map((entry) => ({ ...entry, points: entry.points.map(packedPoint) }));
}

/** The entries that were packed. */
export function unpackedEntries(packed: readonly PackedEntry[]): readonly Entry[] {
  return packed.map((entry) => ({ ...entry, points: entry.points.map(unpackedPoint) }));
}

function packedPoint({ length, time, gain, memory, state, error, saved }: Point): PackedPoint {
  const values = [length, ...ends(time), ...ends(gain), memory, state, error, saved].map(rounded);
  return values.slice(0, values.findLastIndex((value) => value !== null) + 1);
}

function unpackedPoint(packed: PackedPoint): Point {
  const [length, time = null, low = null, high = null, gain = null, least = null, most = null] = packed;
  const [memory = null, state = null, error = null, saved = null] = packed.slice(7);
  const measured = (value: number | null, low: number | null, high: number | null): Measured | null =>
    value === null ? null : { value, low, high };
  const known = measured(time, low, high);
  if (length === null || known === null)
    throw new RangeError("unpackedEntries: a point has a length and a time");
  return { length, time: known, gain: measured(gain, least, most), memory, state, error, saved };
}

function ends(measured: Measured | null): readonly (number | null)[] {
  return measured === null ? [null, null, null] : [measured.value, measured.low, measured.high];
}

function rounded(value: number | null): number | null {
  return value === null || Number.isInteger(value) ? value : Number(value.toPrecision(DIGITS));
}
