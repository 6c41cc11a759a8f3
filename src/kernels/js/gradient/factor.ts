/** A matrix that goes into a product, `[rows, width]` from `at` on, and the sums of its gradient, from `sumsAt` on. */
export interface Factor {
  readonly values: Float32Array | Float64Array;
  readonly at: number;
  readonly rows: number;
  readonly width: number;
  /** null if nobody asks for its gradient. */
  readonly sums: Float64Array | null;
  readonly sumsAt: number;
}

/** Adds `factor` times so many numbers to a row's sums. */
export function addToSums(
  to: Factor,
  row: number,
  factor: number,
  from: Float32Array | Float64Array,
  at: number,
): void {
  const { sums, sumsAt, width } = to;
  if (sums === null) return;
  const start = sumsAt + row * width;
  for (let i = 0; i < width; i++) sums[start + i] += factor * from[at + i];
}

/** Whether so many numbers are all zero: such a row of dout adds nothing, whatever it would be multiplied by. */
export function isZero(numbers: Float32Array | Float64Array, at: number, count: number): boolean {
  for (let i = at; i < at + count; i++) if (numbers[i] !== 0) return false;
  return true;
}
