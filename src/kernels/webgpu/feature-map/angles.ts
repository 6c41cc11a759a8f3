/** Cosine and sine of `π·i / (2·horizon)` of each position, side by side: `[length, 2]`. Made in float64. */
export function fillAngles(length: number, horizon: number): Float32Array {
  const angles = new Float32Array(2 * length);
  for (let position = 0; position < length; position++) {
    const angle = (Math.PI * position) / (2 * horizon);
    angles[2 * position] = Math.cos(angle);
    angles[2 * position + 1] = Math.sin(angle);
  }
  return angles;
}
