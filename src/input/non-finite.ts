import type { AttentionInputs } from "../core/tensors.ts";

/** Such as `in_proj_weight holds 2 non-finite values` for a tensor that a variant's weights are read from; null if all are finite. */
export function nonFiniteTensor(name: string, parts: readonly Float32Array[]): string | null {
  const count = parts.flatMap((values) => [...values.filter((value) => !Number.isFinite(value))]).length;
  return count === 0
    ? null
    : `${name} holds ${count === 1 ? "1 non-finite value" : `${count} non-finite values`}`;
}

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
