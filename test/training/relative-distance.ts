/**
 * How far numbers are from those that PyTorch's float64 has, in lengths of those: `|a - b| / |b|`. If those are all 0 the length
 * of the difference itself.
 */
export function relativeDistance(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [off, size] = [0, 0];
  for (let at = 0; at < expected.length; at++) {
    off += (got[at] - expected[at]) ** 2;
    size += expected[at] ** 2;
  }
  return got.length === expected.length ? Math.sqrt(off / (size === 0 ? 1 : size)) : Number.NaN;
}

/**
 * What two orders of the same float32 sums are apart, and no difference of definition is as near: the study behind the models
 * (issue 23) found 8e-6 at most, and PyTorch's own float32 is as far from its float64.
 */
export const SAME = 1e-5;
