import { float32, type Rounding, sumsOf } from "../oracle.ts";

/** What is added to the squares of a row that is brought to length 1. */
const LENGTH_EPSILON = 1e-6;

/** `a·b`, each operation rounded. */
export function dot(a: Float64Array, b: Float64Array, round: Rounding): number {
  const within = sumsOf(round);
  let sum = 0;
  if (round === float32) for (let i = 0; i < a.length; i++) sum = round(sum + round(a[i] * b[i]));
  else for (let i = 0; i < a.length; i++) sum += within(a[i] * b[i]);
  return round(sum);
}

/** Brings a row to length 1, and gives the length that it had: `√(|x|² + 1e-6)`. */
export function toUnitLength(row: Float64Array, round: Rounding): number {
  const length = round(Math.sqrt(round(dot(row, row, round) + LENGTH_EPSILON)));
  for (let i = 0; i < row.length; i++) row[i] = round(row[i] / length);
  return length;
}
