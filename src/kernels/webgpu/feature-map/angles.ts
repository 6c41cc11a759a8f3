/**
 * Cosine and sine of `π·i / (2·horizon)` of each position i from `first` to `end - 1`, side by side: `[end -
 * first, 2]`. Made in float64.
 */
export function anglesOf(first: number, end: number, horizon: number): Float32Array {
  const angles = new Float32Array(2 * (end - first));
  for (let at = 0; at < end - first; at++) {
    const angle = (Math.PI * (first + at)) / (2 * horizon);
    angles[2 * at] = Math.cos(angle);
    angles[2 * at + 1] = Math.sin(angle);
  }
  return angles;
}
