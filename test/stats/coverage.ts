/**
 * The share of `runs` simulated runs in which an interval covers the truth. With 4000 runs the share of a true 95 %
 * interval has a standard deviation of 0.34 %: it lies within 93 to 97 % but for one seed in a hundred million.
 */
export function coverage(
  truth: number,
  simulate: () => { readonly low: number | null; readonly high: number | null } | null,
  runs = 4000,
): number {
  let covered = 0;
  for (let run = 0; run < runs; run++) {
    const interval = simulate();
    if (interval === null) continue;
    const low = interval.low ?? Number.NEGATIVE_INFINITY;
    const high = interval.high ?? Number.POSITIVE_INFINITY;
    if (low <= truth && truth <= high) covered++;
  }
  return covered / runs;
}
