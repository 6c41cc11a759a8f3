import { median } from "./median.ts";
import { quotient } from "./quotient.ts";
import { roundRatio } from "./round-ratio.ts";

/** What a block of measurements, such as a process, gave: seconds, with the ends of an interval within it. */
export interface Block {
  /** Unlike that of any other block. */
  readonly block: number;
  readonly median_s: number;
  readonly low_s: number | null;
  readonly high_s: number | null;
}

/** A ratio with the ends of an interval; null if it has none. */
export interface BlockRatio {
  readonly ratio: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** Blocks from which an interval over them can be made, at 95 %: see `medianInterval`. */
export const LEAST_BLOCKS = 6;

/**
 * The ratio within blocks that have both: what slows all of a block alike cancels. Of several blocks the median ratio, in
 * logarithms. Of six or more its interval is over blocks, since rounds within one are not independent of one another; of fewer
 * it reaches from the lowest to the highest end within a block, which dividing two intervals crosswise gives. Null if no
 * block has both.
 */
export function blockRatio(numerators: readonly Block[], denominators: readonly Block[]): BlockRatio | null {
  const below = new Map(denominators.map((one) => [one.block, one]));
  const pairs = numerators.flatMap((above) => {
    const other = below.get(above.block);
    const ratio = other === undefined ? null : quotient(above.median_s, other.median_s);
    return other === undefined || ratio === null || !(ratio > 0) ? [] : [{ above, other, ratio }];
  });
  if (pairs.length === 0) return null;
  if (pairs.length >= LEAST_BLOCKS) {
    return roundRatio(
      pairs.map(({ above }) => above.median_s),
      pairs.map(({ other }) => other.median_s),
    );
  }
  const lows = pairs.flatMap(({ above, other }) => quotient(above.low_s, other.high_s) ?? []);
  const highs = pairs.flatMap(({ above, other }) => quotient(above.high_s, other.low_s) ?? []);
  const whole = lows.length === pairs.length && highs.length === pairs.length;
  return {
    ratio: pairs.length === 1 ? pairs[0].ratio : Math.exp(median(pairs.map(({ ratio }) => Math.log(ratio)))),
    low: whole ? Math.min(...lows) : null,
    high: whole ? Math.max(...highs) : null,
  };
}
