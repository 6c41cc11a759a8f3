import { normalCdf } from "./normal.ts";
import { studentTQuantile } from "./student-t.ts";
import { GATE_RULE, type GateRule } from "./two-stage-rule.ts";

/**
 * The probability that a cell slower by the share `effect` is sent on by stage 1 and found slower by stage 2, as one of
 * `k` cells, where the log ratios of blocks are independent and normal with the standard deviation `sd` and the minima
 * agree whenever the medians do. Integrated over what stage 2 takes the deviation for (chi distribution), with an error
 * under 1e-7. Of no effect it is the probability of a false alarm of one cell.
 */
export function detectionPower(effect: number, sd: number, k: number, rule: GateRule = GATE_RULE): number {
  if (!(effect > -1 && effect < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`detectionPower: effect must be above -1 and finite, got ${effect}`);
  }
  checkNoise("detectionPower", sd, k);
  return powerOf(Math.log1p(effect), sd, k, rule);
}

/**
 * The smallest share by which a cell can be slower to be caught with this probability: the minimum detectable effect. The
 * rule's least where there is no noise at all. Arguments as in `detectionPower`.
 */
export function detectableEffect(sd: number, k: number, rule: GateRule = GATE_RULE, power = 0.9): number {
  checkNoise("detectableEffect", sd, k);
  checkPower("detectableEffect", power);
  let low = 0;
  let high = Math.log1p(rule.least);
  while (powerOf(high, sd, k, rule) < power) {
    low = high;
    high *= 2;
  }
  while (high - low > 1e-12 * high) {
    const middle = (low + high) / 2;
    if (powerOf(middle, sd, k, rule) < power) low = middle;
    else high = middle;
  }
  return Math.expm1(high);
}

/** The fewest blocks of stage 2 with which such a slow-down is caught with this probability; null where 256 do not do it. */
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

function powerOf(mean: number, sd: number, k: number, rule: GateRule): number {
  const [route, floor, least] = [rule.routeAbove, rule.floor, rule.least].map(Math.log1p);
  if (sd === 0) return mean > Math.max(route, floor) && mean >= least ? 1 : 0;
  const exceeds = (limit: number, blocks: number) => normalCdf(((mean - limit) * Math.sqrt(blocks)) / sd);
  const blocks = rule.stage2Blocks;
  const error = sd / Math.sqrt(blocks);
  const reach = studentTQuantile(rule.alpha / k, blocks - 1) * error;
  // Where the noise is taken for `estimate` times what it is, the bar is the floor plus this reach, or the least if higher.
  const decided = (estimate: number) => exceeds(Math.max(least, floor + reach * estimate), blocks);
  const kink = (least - floor) / reach;
  const hopeless = (mean - floor + 9 * error) / reach;
  return exceeds(route, rule.stage1Blocks) * chiMean(decided, blocks - 1, kink, hopeless);
}

/**
 * The mean of a function of S/σ, an estimate of a standard deviation over its truth, by Simpson's rule on both sides of
 * the place where the function has a kink. It vanishes beyond `end`, which for few blocks is a small part of the whole.
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
