import type { AttentionInputs } from "../core/tensors.ts";

/**
 * One line for each of q, k and v that holds NaN or an infinity, such as `q holds 3 non-finite values, the
 * first at [0, 1, 5, 2]`. Such inputs are allowed: kernels are compared with the reference on them.
 */
export function nonFiniteWarnings({ shape, q, k, v }: AttentionInputs): string[] {
  const { heads, length, headDim } = shape;
  const warnings: string[] = [];
  for (const [name, values] of Object.entries({ q, k, v })) {
    let count = 0;
    let first = 0;
    for (let index = 0; index < values.length; index++) {
      if (Number.isFinite(values[index])) continue;
      if (count === 0) first = index;
      count++;
    }
    if (count === 0) continue;
    const row = Math.floor(first / headDim);
    const slice = Math.floor(row / length);
    const place = [Math.floor(slice / heads), slice % heads, row % length, first % headDim];
    const counted = count === 1 ? "1 non-finite value" : `${count} non-finite values, the first`;
    warnings.push(`${name} holds ${counted} at [${place.join(", ")}]`);
  }
  return warnings;
}
