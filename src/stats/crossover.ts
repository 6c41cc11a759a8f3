/** A ratio at one length, positive, with the ends of its interval; null where it has none. */
export interface RatioAt {
  readonly length: number;
  readonly ratio: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** The length from which a ratio stays above 1, with the ends of its interval. */
export interface Crossover {
  readonly length: number;
  /** Where the ratios' upper ends cross; null where they do not, or where a ratio has no interval. */
  readonly low: number | null;
  /** Where the ratios' lower ends cross; null likewise. */
  readonly high: number | null;
}

/**
 * Where the ratio rises above 1 for good: on the straight line between the two measured lengths around it, both axes
 * logarithmic. Null where it is above 1 throughout, or not at the longest length.
 */
export function crossover(points: readonly RatioAt[]): Crossover | null {
  const rising = [...points].sort((a, b) => a.length - b.length);
  const length = lastRise(rising.map(({ length, ratio }) => [length, ratio]));
  if (length === null) return null;
  const ends = (side: "low" | "high") =>
    rising.flatMap((point): [number, number][] => {
      const end = point[side];
      return end === null ? [] : [[point.length, end]];
    });
  const [lower, upper] = [ends("low"), ends("high")];
  if (lower.length < rising.length || upper.length < rising.length) return { length, low: null, high: null };
  return { length, low: lastRise(upper), high: lastRise(lower) };
}

/** Where the curve through the points, by rising x, leaves 1 behind. */
function lastRise(points: readonly (readonly [x: number, y: number])[]): number | null {
  const before = points.findLastIndex(([, y]) => !(y > 1));
  if (before === -1 || before === points.length - 1) return null;
  const [[fromX, fromY], [toX, toY]] = [points[before], points[before + 1]];
  const share = Math.log(fromY) / (Math.log(fromY) - Math.log(toY));
  return Math.exp(Math.log(fromX) + share * (Math.log(toX) - Math.log(fromX)));
}
