/** Seconds of the fastest call within `seconds`, of at least one. */
export function fastest(seconds: number, call: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  const begun = performance.now();
  do {
    const before = performance.now();
    call();
    least = Math.min(least, performance.now() - before);
  } while (performance.now() - begun < seconds * 1000);
  return least / 1000;
}
