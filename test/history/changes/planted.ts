import { type RandomStream, randomStream } from "../../../src/core/random.ts";
import type { Series } from "../../../src/history/entry.ts";
import { commitHash, dayOf } from "../sample-entries.ts";

/** A history that never was: cells of one machine, each with noise of its own around a level that may change. */
export interface Planted {
  readonly cells: number;
  readonly commits: number;
  readonly seed: number;
  /** Standard deviations of noise, from and to, relative: drawn evenly for each cell. */
  readonly noise: readonly [number, number];
  /** Levels are higher by this, relative, from a commit on, in the first cells. */
  readonly steps?: readonly { readonly at: number; readonly by: number; readonly cells: number }[];
  /** Correlation of neighbouring noise. */
  readonly correlation?: number;
  /** The part of noise that is the same in all cells. */
  readonly shared?: number;
  /** The part of points that are slower by up to tens of standard deviations. */
  readonly outliers?: number;
  /** How many times as strong noise is from a commit on. */
  readonly louder?: { readonly at: number; readonly times: number };
  /** By how much levels rise evenly over the whole history, relative. */
  readonly drift?: number;
  /** The part of commits that a cell was not measured at. */
  readonly missing?: number;
  readonly machine?: string;
  /** The first commit's number. */
  readonly from?: number;
}

/** The series of such a history, and its commits in order. */
export function planted(settings: Planted): {
  readonly series: readonly Series[];
  readonly order: readonly string[];
} {
  const { cells, commits, seed, from = 0, machine = "0123456789ab" } = settings;
  const random = randomStream(seed, 77, from);
  const order = Array.from({ length: commits }, (_, index) => commitHash(from + index));
  const common = noiseOf(settings, random);
  const series = Array.from({ length: cells }, (_, cell): Series => {
    const noise = noiseOf(settings, random);
    const [low, high] = settings.noise;
    const strength = low + (high - low) * random.uniform();
    const base = Math.log(1e-3) + random.gaussian();
    const { shared = 0, outliers = 0, louder, drift = 0, missing = 0, steps = [] } = settings;
    const points = order.flatMap((commit, index) => {
      let value = Math.sqrt(1 - shared) * noise[index] + Math.sqrt(shared) * common[index];
      if (random.uniform() < outliers) value += 10 * Math.abs(random.gaussian());
      if (louder !== undefined && index >= louder.at) value *= louder.times;
      const level = steps
        .filter((step) => cell < step.cells && index >= step.at)
        .reduce((sum, { by }) => sum + Math.log1p(by), base);
      if (random.uniform() < missing) return [];
      const median_s = Number(
        Math.exp(level + strength * value + Math.log1p(drift) * (index / commits)).toPrecision(5),
      );
      return [{ commit, committed: dayOf(from + index), median_s }];
    });
    return { cell: `variant-${cell}/wasm/b1h1n1024d64`, machine, points };
  });
  return { series, order };
}

/** A stationary first-order autoregression of variance 1, independent values if it has no correlation. */
function noiseOf({ commits, correlation = 0 }: Planted, random: RandomStream): Float64Array {
  const fresh = Math.sqrt(1 - correlation ** 2);
  let value = random.gaussian();
  return Float64Array.from({ length: commits }, () => {
    const now = value;
    value = correlation * value + fresh * random.gaussian();
    return now;
  });
}
