import { meanBounds } from "./mean-bounds.ts";

/**
 * When a cell counts as slower or faster than it was. Fractions of the base's time, except counts of blocks
 * and `alpha`.
 */
export interface GateRule {
  /** Blocks that only say which cells are measured again. */
  readonly stage1Blocks: number;
  readonly routeAbove: number;
  /** Fresh blocks that decide. */
  readonly stage2Blocks: number;
  /** What the one-sided bound of the change must exceed. */
  readonly floor: number;
  /** What the change itself must be at least. */
  readonly least: number;
  /** Probability of a false alarm in a whole run, in one direction. */
  readonly alpha: number;
  /** "Same" means that there is no change as large as this. */
  readonly margin: number;
  /** A cell whose noise hides changes up to this is not gated. */
  readonly ungatedAbove: number;
}

export const GATE_RULE: GateRule = {
  stage1Blocks: 6,
  routeAbove: 0.02,
  stage2Blocks: 16,
  floor: 0.01,
  least: 0.03,
  alpha: 0.01,
  margin: 0.05,
  ungatedAbove: 0.1,
};

export type Direction = "slower" | "faster";

/** For each block, the logarithm of head's time over base's: by medians or means, and by minima. */
export interface BlockRatios {
  readonly logRatios: ArrayLike<number>;
  /** Null if the fastest calls need not agree: a cost on a few calls does not affect them. */
  readonly minima: ArrayLike<number> | null;
}

/** The head's time over the base's, with a two-sided 95 % interval. */
export interface Decision {
  readonly direction: Direction | null;
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  /**
   * The one-sided bound nearer to 1, at alpha/k: the least size of the change, if it is one. Beyond 1 if it
   * may be none.
   */
  readonly bound: number;
}

/** Noise that moves a mean that far more often than this does not send a cell on by itself. */
const ROUTING_TAIL = 0.2;

/**
 * The same for means, which are noisier: if they scatter so widely that 2 % is nothing, their distance from
 * no change must exceed their own uncertainty.
 */
export function routesMean(logRatios: ArrayLike<number>, rule: GateRule = GATE_RULE): Direction | null {
  const direction = routes(logRatios, rule);
  if (direction === null || logRatios.length < 2) return direction;
  const { low, high } = meanBounds("routesMean", logRatios, 2).boundsAt(ROUTING_TAIL);
  return low > 0 || high < 0 ? direction : null;
}

/** In which direction stage 1 sends a cell on to stage 2, null if it does not. */
export function routes(logRatios: ArrayLike<number>, rule: GateRule = GATE_RULE): Direction | null {
  const { mean } = meanBounds("routes", logRatios);
  const beyond = Math.log1p(rule.routeAbove);
  if (mean > beyond) return "slower";
  return mean < -beyond ? "faster" : null;
}

/**
 * What stage 2 says about one of the `k` medians and means that stage 1 sent on in the same direction, from
 * blocks of its own: slower if the lower Student bound at alpha/k exceeds the floor, the mean is at least the
 * least, and the minima's mean exceeds the floor as well; faster if the mirror image holds. With independent
 * blocks of normal noise no run of however many unchanged cells has a false alarm more often than alpha
 * (Bonferroni), since stage 1 saw none of these blocks. A change in the other direction than the cell was
 * sent on for is not a verdict. Needs two blocks.
 */
export function decide(blocks: BlockRatios, k: number, rule: GateRule = GATE_RULE): Decision {
  if (!(Number.isInteger(k) && k >= 1)) {
    throw new RangeError(`decide: the routed cells must be a whole number from 1, got ${k}`);
  }
  const fastest = blocks.minima ?? blocks.logRatios;
  if (blocks.logRatios.length !== fastest.length) {
    throw new RangeError(
      `decide: minima and log ratios must be equally many, got ${fastest.length} and ${blocks.logRatios.length}`,
    );
  }
  const { mean, boundsAt } = meanBounds("decide", blocks.logRatios, 2);
  const minima = meanBounds("decide", fastest, 2).mean;
  const [floor, least] = [Math.log1p(rule.floor), Math.log1p(rule.least)];
  const sure = boundsAt(rule.alpha / k);
  const shown = boundsAt(0.025);
  let direction: Direction | null = null;
  if (sure.low > floor && mean >= least && minima > floor) direction = "slower";
  if (sure.high < -floor && mean <= -least && minima < -floor) direction = "faster";
  return {
    direction,
    ratio: Math.exp(mean),
    low: Math.exp(shown.low),
    high: Math.exp(shown.high),
    bound: Math.exp(mean >= 0 ? sure.low : sure.high),
  };
}

/**
 * Whether the change is smaller than the margin either way: both one-sided Student bounds, at 95 % or another
 * `tail`, of the mean log ratio lie within ±log(1 + margin) (two one-sided tests; Schuirmann 1987, J.
 * Pharmacokinet. Biopharm. 15, 657-680). Of cells that did change by the margin or more, no larger a fraction
 * than `tail` passes if noise is normal.
 */
export function sameWithin(logRatios: ArrayLike<number>, margin: number, tail = 0.05): boolean {
  if (!(margin > 0)) throw new RangeError(`sameWithin: margin must be above 0, got ${margin}`);
  const { low, high } = meanBounds("sameWithin", logRatios, 2).boundsAt(tail);
  return -Math.log1p(margin) < low && high < Math.log1p(margin);
}
