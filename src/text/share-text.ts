/**
 * A share of right answers: `89 %`, `0.8 %`, `99.6 %`. Only all of them are 100 %, and only none are 0 %. Throws a RangeError
 * if it is no share.
 */
export function shareText(share: number): string {
  return `${percentOf(share)} %`;
}

/** Shares from the least to the most, such as `13–74 %`, or `96 %` if they read alike. */
export function shareRange(least: number, most: number): string {
  const [low, high] = [percentOf(least), percentOf(most)];
  return low === high ? `${low} %` : `${low}–${high} %`;
}

function percentOf(share: number): string {
  if (!(share >= 0 && share <= 1))
    throw new RangeError(`shareText: a share must be from 0 to 1, got ${share}`);
  if (share === 0 || share === 1) return `${100 * share}`;
  // Rounded once before, so that the binary fraction of 0.29 · 100 does not decide.
  const percent = Number((100 * share).toPrecision(12));
  if (percent < 0.1) return "<0.1";
  if (percent < 9.95) return percent.toFixed(1);
  return percent < 99.5 ? percent.toFixed(0) : (Math.floor(10 * percent) / 10).toFixed(1);
}
