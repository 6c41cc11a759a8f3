import { normalCdf } from "./normal.ts";
import { studentTQuantile } from "./student-t.ts";
import { GATE_RULE, type GateRule } from "./two-stage-rule.ts";

/**
 * The probability that a cell slower by the fraction `effect` is sent on by stage 1 and found slower by stage
 * 2, as one of `k` cells, if the log ratios of blocks are independent and normal with the standard deviation
 * `sd` and the minima agree whenever the medians do. Integrated over stage 2's estimate of the deviation (chi
 * distribution), with an error under 1e-7. For no effect it is the probability of a false alarm of one cell.
 */
export function detectionPower(effect: number, sd: number, k: number, rule: GateRule = GATE_RULE): number {
  if (!(effect > -1 && effect < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`detectionPower: effect must be above -1 and finite, got ${effect}`);
  }
  checkNoise("detectionPower", sd, k);
  return powerOf(Math.log1p(effect), sd, rule, quantileOf(k, rule));
}

/**
 * The smallest fraction by which a cell must be slower to be caught with this probability: the minimum
 * detectable effect. The rule's least if there is no noise at all. Arguments as in `detectionPower`.
 */
export function detectableEffect(sd: number, k: number, rule: GateRule = GATE_RULE, power = 0.9): number {
  checkNoise("detectableEffect", sd, k);
  checkPower("detectableEffect", power);
  const quantile = quantileOf(k, rule);
  const lacks = (mean: number) => power - powerOf(mean, sd, rule, quantile);
  let [low, high] = [0, Math.log1p(rule.least)];
  let [below, above] = [power, lacks(high)];
  while (above > 0) {
    [low, below] = [high, above];
    high *= 2;
    above = lacks(high);
  }
  return Math.expm1(rootWithin(lacks, [low, below], [high, above]));
}

type Point = readonly [x: number, y: number];

/**
 * Where a decreasing function passes 0, to a relative 1e-12: by false position, halving the value of an end
 * that stays (the Illinois rule), and by bisection if that gains less.
 */
function rootWithin(f: (x: number) => number, [x1, y1]: Point, [x2, y2]: Point): number {
  let [low, high, below, above] = [x1, x2, y1, y2];
  while (high - low > 1e-12 * high) {
    const width = high - low;
    for (const at of [low + (width * below) / (below - above), null]) {
      const x = at !== null && low < at && at < high ? at : (low + high) / 2;
      const y = f(x);
      if (y > 0) {
        [low, below] = [x, y];
        above /= 2;
      } else {
        [high, above] = [x, y];
        below /= 2;
      }
      if (high - low < width / 4) break;
    }
  }
  return high;
}

/**
 * The fewest blocks of stage 2 with which such a slow-down is caught with this probability; null if 256 do
 * not suffice.
 */
export function blocksFor(
  effect: number,
  sd: number,
  k: number,
  rule: GateRule = GATE_RULE,
  power = 0.9,
): number | null {
  checkPower("blocksFor", power);
  for (let stage2Blocks = 2; stage2Blocks <= MOST_BLOCKS; stage2Blocks++) {
    if (detectionPower(effect, sd, k, { ...rule, stage2Blocks }) >= power) return stage2Blocks;
  }
  return null;
}

const MOST_BLOCKS = 256;

/** Student's, of what decides one of `k`. */
function quantileOf(k: number, { alpha, stage2Blocks }: GateRule): number {
  return studentTQuantile(alpha / k, stage2Blocks - 1);
}

function powerOf(mean: number, sd: number, rule: GateRule, quantile: number): number {
  const [route, floor, least] = [rule.routeAbove, rule.floor, rule.least].map(Math.log1p);
  if (sd === 0) return mean > Math.max(route, floor) && mean >= least ? 1 : 0;
  const exceeds = (limit: number, blocks: number) => normalCdf(((mean - limit) * Math.sqrt(blocks)) / sd);
  const blocks = rule.stage2Blocks;
  const error = sd / Math.sqrt(blocks);
  const reach = quantile * error;
  // If the noise is estimated as `estimate` times what it is, the bar is the floor plus this reach, or the
  // least if higher.
  const decided = (estimate: number) => exceeds(Math.max(least, floor + reach * estimate), blocks);
  const kink = (least - floor) / reach;
  const hopeless = (mean - floor + 9 * error) / reach;
  return exceeds(route, rule.stage1Blocks) * chiMean(decided, blocks - 1, kink, hopeless);
}

/**
 * The mean of a function of S/σ, an estimate of a standard deviation over its truth, by Simpson's rule on
 * both sides of the place where the function has a kink. It vanishes beyond `end`, which for few blocks is a
 * small part of the whole.
 */
function chiMean(value: (estimate: number) => number, freedom: number, kink: number, end: number): number {
  // Nine standard deviations of the estimate to either side hold all but 1e-13.
  const spread = 9 / Math.sqrt(2 * freedom);
  const [from, to] = [Math.max(0, 1 - spread), 1 + spread];
  const peak = Math.sqrt((freedom - 1) / freedom);
  const logDensity = (u: number) => (freedom === 1 ? 0 : (freedom - 1) * Math.log(u)) - (freedom * u * u) / 2;
  const atPeak = logDensity(peak);
  const density = (u: number) => Math.exp(logDensity(u) - atPeak);
  const last = Math.min(to, Math.max(from, end));
  const split = Math.min(last, Math.max(from, kink));
  const weighted = (u: number) => density(u) * value(u);
  return (simpson(weighted, from, split) + simpson(weighted, split, last)) / simpson(density, from, to);
}

function simpson(f: (x: number) => number, from: number, to: number): number {
  const step = (to - from) / STEPS;
  let sum = f(from) + f(to);
  for (let at = 1; at < STEPS; at++) sum += (at % 2 === 1 ? 4 : 2) * f(from + at * step);
  return (sum * step) / 3;
}

/** An even number; more of them change the probability by less than 1e-7. */
const STEPS = 200;

function checkNoise(where: string, sd: number, k: number): void {
  if (!(sd >= 0 && sd < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`${where}: the standard deviation must be at least 0 and finite, got ${sd}`);
  }
  if (!(Number.isInteger(k) && k >= 1)) {
    throw new RangeError(`${where}: the routed cells must be a whole number from 1, got ${k}`);
  }
}

function checkPower(where: string, power: number): void {
  if (!(0 < power && power < 1)) {
    throw new RangeError(`${where}: power must lie between 0 and 1, got ${power}`);
  }
}
