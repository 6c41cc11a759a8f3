import { drawnMedians, type Round } from "./drawn-medians.ts";

/** A geometric mean of ratios; without ends if either side has fewer than six rounds. */
export interface GeometricMean {
  readonly ratio: number;
  readonly low: number | null;
  readonly high: number | null;
  /** How many cells were measured on both sides, over which the mean is taken. */
  readonly cells: number;
}

/** Rounds on either side that an interval needs. */
const FEWEST = 6;

/**
 * The geometric mean over cells of the ratio of medians over rounds, head over base, with the percentile
 * interval of the bootstrap (Efron & Tibshirani 1993, chapter 13). Rounds are resampled, base's and head's
 * separately and each with all of its cells, since what slows a round slows all of its cells: at 95 % this
 * covers 93 to 98.5 %, whether cells share their noise or not, from six rounds on. `random` is uniform in [0,
 * 1).
 *
 * A cell that is in no round of one side is omitted, and omitted from a resample that drew none of its
 * rounds. Null if no cell is left. Refuses rounds of different lengths and what is not positive and finite.
 */
export function geometricMean(
  base: readonly Round[],
  head: readonly Round[],
  { confidence = 0.95, resamples = 10_000, random }: Drawing,
): GeometricMean | null {
  if (!(0 < confidence && confidence < 1)) {
    throw new RangeError(`geometricMean: confidence must lie between 0 and 1, got ${confidence}`);
  }
  if (!(Number.isInteger(resamples) && resamples >= 2 / (1 - confidence))) {
    throw new RangeError(
      `geometricMean: resamples must be a whole number from ${2 / (1 - confidence)}, got ${resamples}`,
    );
  }
  const meanOf = drawnMean("geometricMean", base, head);

  const whole = meanOf(Array(base.length).fill(1), Array(head.length).fill(1));
  if (whole.cells === 0) return null;
  const point = { ratio: Math.exp(whole.mean), cells: whole.cells };
  if (Math.min(base.length, head.length) < FEWEST) return { ...point, low: null, high: null };
  const drawn = { base: new Int32Array(base.length), head: new Int32Array(head.length) };
  const means = Float64Array.from({ length: resamples }, () => {
    for (;;) {
      const { mean, cells: left } = meanOf(draw(drawn.base, random), draw(drawn.head, random));
      if (left > 0) return mean;
    }
  }).sort();
  const beyond = Math.floor(((1 - confidence) / 2) * resamples);
  return { ...point, low: Math.exp(means[beyond]), high: Math.exp(means[resamples - 1 - beyond]) };
}

/** How a bootstrap draws. */
export interface Drawing {
  readonly random: () => number;
  readonly resamples?: number;
  readonly confidence?: number;
}

/** The mean over cells of the logarithm of their ratio, of rounds each of which counts as often as it was drawn. */
export function drawnMean(
  name: string,
  base: readonly Round[],
  head: readonly Round[],
): (baseDrawn: ArrayLike<number>, headDrawn: ArrayLike<number>) => { mean: number; cells: number } {
  const cells = cellCount(name, base, head);
  const medians = {
    base: drawnMedians(`${name}: base`, base, cells),
    head: drawnMedians(`${name}: head`, head, cells),
  };
  const logs = { base: new Float64Array(cells), head: new Float64Array(cells) };
  return (baseDrawn, headDrawn) => {
    medians.base(baseDrawn, logs.base);
    medians.head(headDrawn, logs.head);
    return meanDifference(logs.base, logs.head);
  };
}

function cellCount(name: string, base: readonly Round[], head: readonly Round[]): number {
  const lengths = new Set([...base, ...head].map((round) => round.length));
  if (lengths.size > 1) {
    throw new RangeError(
      `${name}: all rounds must have the same number of cells, got ${[...lengths].join(", ")}`,
    );
  }
  return Math.max(0, ...lengths);
}

/** Over the cells that both sides have. */
function meanDifference(base: Float64Array, head: Float64Array): { mean: number; cells: number } {
  let sum = 0;
  let cells = 0;
  for (let cell = 0; cell < base.length; cell++) {
    const difference = head[cell] - base[cell];
    if (Number.isNaN(difference)) continue;
    sum += difference;
    cells++;
  }
  return { mean: sum / cells, cells };
}

/** How often each of the rounds comes up when as many are drawn with replacement. */
export function draw(times: Int32Array, random: () => number): Int32Array {
  times.fill(0);
  for (let count = 0; count < times.length; count++) times[Math.floor(random() * times.length)]++;
  return times;
}
