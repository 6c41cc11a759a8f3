/**
 * Cosine and sine of `π·i / (2·horizon)` for positions i from `first` on, side by side: `[positions, 2]`. Made in float64.
 */
export function fillAngles(to: Float32Array, first: number, horizon: number): void {
  for (let at = 0; at < to.length; at += 2) {
    const angle = (Math.PI * (first + at / 2)) / (2 * horizon);
    to[at] = Math.cos(angle);
    to[at + 1] = Math.sin(angle);
  }
}
