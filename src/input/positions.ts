/** Variance of a coordinate of a vector plus its position: 1 of the vector, 1/2 of a sine on average. */
const COORDINATE_VARIANCE = 1.5;

/** What a vector plus its position is multiplied by to have a variance of 1 per coordinate. */
export const POSITIONED = 1 / Math.sqrt(COORDINATE_VARIANCE);

/**
 * Sinusoidal positions: coordinates 2i and 2i + 1 of `width` are sine and cosine of position ·
 * 10000^(-2i/width) (Vaswani et al. 2017, section 3.5).
 */
export function positionAt(position: number, coordinate: number, frequencies: Float64Array): number {
  const angle = position * frequencies[coordinate >> 1];
  return coordinate % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
}

/** Radians per token of each pair of coordinates; the last pair of an odd width has only a sine. */
export function positionFrequencies(width: number): Float64Array {
  return Float64Array.from({ length: Math.ceil(width / 2) }, (_, pair) => 10000 ** ((-2 * pair) / width));
}
