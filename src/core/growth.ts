import { UsageError } from "./errors.ts";

/**
 * Half a step of the slope, as a factor of length: far above rounding, and far below where any growth bends.
 */
const STEP = 2 ** (1 / 16);
/** Logarithms of shorter lengths are zero or negative. */
const SHORTEST = 2;

/**
 * The exponent with which work grows about a length: the slope of its logarithm over that of length, to two
 * decimals. `growth` is the work up to a factor, at any real length, and must be above 0 from one token and a
 * half on.
 */
export function localExponent(growth: (length: number) => number, length: number): number {
  const at = Math.max(length, SHORTEST);
  const [below, above] = [growth(at / STEP), growth(at * STEP)];
  for (const work of [below, above]) {
    if (work > 0 && work < Number.POSITIVE_INFINITY) continue;
    throw new UsageError(`growth: must be finite and above 0 at every length, got ${work} near ${at}`);
  }
  if (above < below) throw new UsageError(`growth: must not fall with length, but it does near ${at}`);
  return Math.round((100 * Math.log(above / below)) / Math.log(STEP * STEP)) / 100;
}

/** So long that what grows more slowly than N log N has left it. */
const FAR = 2 ** 40;

/**
 * The name of a growth that is no power: `N log N` if every doubling of the length adds as much to the work
 * per token; null if it has none.
 */
export function orderOf(growth: (length: number) => number): string | null {
  const perToken = (length: number) => growth(length) / length;
  const first = perToken(2 * FAR) - perToken(FAR);
  const second = perToken(4 * FAR) - perToken(2 * FAR);
  const adds = first > 1e-6 * perToken(FAR);
  return adds && Math.abs(second - first) < 1e-6 * first ? "N log N" : null;
}
