/** A ratio at one length, with the ends of its interval; null if it has none. */
export interface RatioPoint {
  readonly length: number;
  readonly ratio: number;
  readonly low: number | null;
  readonly high: number | null;
}

/**
 * The length from which on a ratio exceeds 1, with the ends of its interval: null if they lie beyond the
 * points.
 */
export interface Crossover {
  readonly length: number;
  readonly low: number | null;
  readonly high: number | null;
}

/**
 * Where the ratio passes 1 for good: the last rise through 1, on the straight line between its two neighbours
 * in logarithms of length and ratio. Its interval is Fieller's (1954, J. R. Statist. Soc. B 16, 175-185): the
 * lengths at which a ratio of 1 lies within the interval of the line, points taken as independent; from the
 * last point before it that is surely below 1 to the first after which all are surely above. Null if the
 * ratio is at most 1 at the longest length, or above 1 at all: then the crossing lies beyond the points.
 * Without ends if a neighbour has no interval. Lengths may come in any order.
 */
export function crossover(points: readonly RatioPoint[]): Crossover | null {
  const sorted = points.toSorted((a, b) => a.length - b.length).map(logarithmic);
  const before = sorted.findLastIndex(({ ratio }) => !(ratio > 0));
  if (before === -1 || before === sorted.length - 1) return null;
  const [left, right] = [sorted[before], sorted[before + 1]];
  const length = lengthAt(left, right, left.ratio / (left.ratio - right.ratio));
  if ([left, right].some(({ up, down }) => up === null || down === null)) {
    return { length, low: null, high: null };
  }
  const below = sorted.findLastIndex(({ ratio, up }, at) => at <= before && ratio + (up ?? 0) < 0);
  const unsure = sorted.findLastIndex(({ ratio, down }) => !(ratio - (down ?? 0) > 0));
  return { length, low: edge(sorted, below, "up"), high: edge(sorted, unsure, "down") };
}

/** A point in logarithms, and how far its interval reaches down and up. */
interface LogPoint {
  readonly length: number;
  readonly ratio: number;
  readonly down: number | null;
  readonly up: number | null;
}

function logarithmic({ length, ratio, low, high }: RatioPoint): LogPoint {
  for (const value of [length, ratio]) {
    if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`crossover: lengths and ratios must be positive and finite, got ${value}`);
    }
  }
  const known = low !== null && high !== null && 0 < low && high < Number.POSITIVE_INFINITY;
  return {
    length: Math.log(length),
    ratio: Math.log(ratio),
    down: known ? Math.log(ratio / low) : null,
    up: known ? Math.log(high / ratio) : null,
  };
}

/**
 * The length between the point at this index and the next at which an end of the line's interval passes 1;
 * null if there is no such pair. With w the fraction of the way, (1-w)·a + w·b = ∓√((1-w)²·s² + w²·t²) is a
 * quadratic; the ends bulge outwards only, so that one of its roots is the one sought.
 */
function edge(points: readonly LogPoint[], index: number, side: "up" | "down"): number | null {
  const [left, right] = [points[index], points[index + 1]];
  if (left === undefined || right === undefined) return null;
  const [s, t] = [left[side] ?? 0, right[side] ?? 0];
  const step = right.ratio - left.ratio;
  const sign = side === "up" ? -1 : 1;
  const share = roots(step ** 2 - s ** 2 - t ** 2, 2 * (left.ratio * step + s ** 2), left.ratio ** 2 - s ** 2)
    .filter((root) => -ROUNDING <= root && root <= 1 + ROUNDING)
    .find((root) => sign * (left.ratio + root * step) >= -ROUNDING);
  return share === undefined ? null : lengthAt(left, right, share);
}

/** What rounding may add to a fraction or a logarithm. */
const ROUNDING = 1e-9;

/** Of a·w² + b·w + c, in the form that does not cancel (Press et al. 2007, section 5.6). */
function roots(a: number, b: number, c: number): readonly number[] {
  const root = Math.sqrt(b * b - 4 * a * c);
  if (Number.isNaN(root)) return [];
  const q = -(b + (b < 0 ? -root : root)) / 2;
  return [q / a, c / q].filter(Number.isFinite);
}

function lengthAt(left: LogPoint, right: LogPoint, share: number): number {
  return Math.exp(left.length + share * (right.length - left.length));
}
