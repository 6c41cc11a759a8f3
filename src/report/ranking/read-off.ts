import type { Measured } from "./entry.ts";

// Runs in the page as well: imports nothing that needs Node.

/**
 * A parabola bends evenly, and real curves where a window or a cache is full: of a kink between evenly spaced lengths it
 * shows a quarter at least. With each length of the example results left out in turn, so that neighbours are 4 or 16 times
 * apart, 58 of 60 intervals cover what was measured there; with 1 in the place of 4 it is 46.
 */
const KINKS = 4;

/** What was measured at a length; null if nothing was. */
export interface Sample {
  readonly length: number;
  readonly measured: Measured | null;
}

/**
 * A value between two measured lengths, on the straight line through them in logarithms of length and value: exact for
 * a power of length. The ends of its interval lie on the lines through theirs, and move apart by `KINKS` times what that
 * line is off the parabola through the two and a third sample beside them, in logarithms; of two such parabolas, the one
 * that is further off. Without a third sample nothing tells how the curve bends, so that it has no interval.
 * `samples` are by rising length, up to two on each side; null if a neighbour was not measured. Values that are zero
 * have no logarithm: the line is then straight in length and value.
 */
export function readOff(samples: readonly Sample[], length: number): Measured | null {
  const after = samples.findIndex((sample) => sample.length > length);
  const [left, right] = [knotOf(samples[after - 1]), knotOf(samples[after])];
  if (left === null || right === null) return null;
  const share = Math.log(length / left.length) / Math.log(right.length / left.length);
  const value = along(left.value, right.value, share, (length - left.length) / (right.length - left.length));
  const thirds = [knotOf(samples[after - 2]), knotOf(samples[after + 1])].filter((knot) => knot !== null);
  const bends = thirds.map((third) => bend(left, right, third, length)).filter((by) => by !== null);
  if (bends.length === 0) return { value, low: null, high: null };
  const apart = Math.exp(KINKS * Math.max(...bends));
  const end = (side: "low" | "high", factor: number) => {
    const [from, to] = [left[side], right[side]];
    return from === null || to === null || !(from > 0 && to > 0)
      ? null
      : from * (to / from) ** share * factor;
  };
  return { value, low: end("low", 1 / apart), high: end("high", apart) };
}

/** A sample with a value. */
type Knot = Measured & { readonly length: number };

function knotOf(sample: Sample | undefined): Knot | null {
  return sample === undefined || sample.measured === null
    ? null
    : { ...sample.measured, length: sample.length };
}

function along(from: number, to: number, share: number, linear: number): number {
  return from > 0 && to > 0 ? from * (to / from) ** share : from + (to - from) * linear;
}

/** How far the line through two knots is off the parabola through three, in logarithms; null if a value has none. */
function bend(left: Knot, right: Knot, third: Knot, length: number): number | null {
  if (![left, right, third].every(({ value }) => value > 0)) return null;
  const [x, a, b, c] = [length, left.length, right.length, third.length].map(Math.log);
  const [fa, fb, fc] = [left, right, third].map(({ value }) => Math.log(value));
  // Newton's divided difference of second order.
  const second = ((fc - fb) / (c - b) - (fb - fa) / (b - a)) / (c - a);
  return Math.abs(second * (x - a) * (x - b));
}
