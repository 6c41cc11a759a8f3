import { median } from "./median.ts";

/** How well each place of a step between two levels fits a sequence. */
export interface StepLocation {
  /** The index of the step's first value that fits best. */
  readonly best: number;
  /**
   * The logarithm of the likelihood of each place, less the greatest: `fit[place - first]`, the step's first value
   * being at `place`.
   */
  readonly fit: Float64Array;
  /** The first place that is possible. */
  readonly first: number;
  /** Of values around their level. */
  readonly scale: number;
}

/** Degrees of freedom of Student's distribution, in which outliers are to be expected. */
const FREEDOM = 5;

/**
 * Where a sequence steps from one level to another, if it does so near `at`: the levels are the medians on both sides,
 * and a place fits by the likelihood of Student's distribution with 5 degrees of freedom (Lange, Little & Taylor 1989,
 * JASA 84, 881-896), to which an outlier says nothing. Both sides have at least `least` values. For values whose
 * neighbours correlate, likelihoods weigh less: by (1 - c) / (1 + c), as if there were so many fewer values.
 */
export function stepLocation(values: Float64Array, at: number, least: number, correlation = 0): StepLocation {
  if (!(Number.isInteger(at) && least <= at && at <= values.length - least)) {
    throw new RangeError(
      `stepLocation: both sides must have ${least} values of ${values.length}, got a step at ${at}`,
    );
  }
  const before = median(values.subarray(0, at));
  const after = median(values.subarray(at));
  const scale = scaleAround(values, at, before, after);
  const weight = (1 - Math.max(0, correlation)) / (1 + Math.max(0, correlation));
  const fit = new Float64Array(values.length - 2 * least + 1);
  // A place further right gives one more value to the level before.
  for (let place = 1; place < fit.length; place++) {
    const value = values[least + place - 1];
    const gained =
      scale === 0
        ? exactly(value, before, after)
        : loss((value - after) / scale) - loss((value - before) / scale);
    fit[place] = fit[place - 1] + weight * gained;
  }
  const greatest = fit.reduce((most, one) => Math.max(most, one), Number.NEGATIVE_INFINITY);
  const best = least + fit.indexOf(greatest);
  return { best, fit: fit.map((one) => one - greatest), first: least, scale };
}

/** The shortest range of places that has `confidence` of the likelihood: both ends included. */
export function likelyPlaces(fit: Float64Array, confidence: number): readonly [number, number] {
  const order = Array.from(fit.keys()).sort((a, b) => fit[b] - fit[a] || a - b);
  const total = fit.reduce((sum, one) => sum + Math.exp(one), 0);
  let [low, high, held] = [order[0], order[0], 0];
  for (const place of order) {
    low = Math.min(low, place);
    high = Math.max(high, place);
    held += Math.exp(fit[place]);
    if (held >= confidence * total) break;
  }
  return [low, high];
}

/** The median distance of a value from its level, as a standard deviation of normal noise. */
function scaleAround(values: Float64Array, at: number, before: number, after: number): number {
  const distances = values.map((value, index) => Math.abs(value - (index < at ? before : after)));
  return 1.4826 * median(distances);
}

/** Minus the logarithm of the likelihood of a value so many scales from its level. */
function loss(distance: number): number {
  return ((FREEDOM + 1) / 2) * Math.log1p(distance ** 2 / FREEDOM);
}

/** Where nothing scatters, each value is on the level that it is nearer to, beyond doubt. */
function exactly(value: number, before: number, after: number): number {
  return CERTAIN * Math.sign(Math.abs(value - after) - Math.abs(value - before));
}

const CERTAIN = 20;
