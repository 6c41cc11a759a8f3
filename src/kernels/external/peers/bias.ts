import type { ServedCall, ServedCase } from "../child/served-kernel.ts";

/** What is added to scores, `[1, 1, queries, length]` or `[1, heads, queries, length]`. */
export interface Bias {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** Whether every query has a key to attend, as far as it shows before the pattern is listed: a first one after the last key does not. */
export function someKey({
  causal,
  queries,
  length,
}: Pick<ServedCase, "causal" | "queries" | "length">): true | string {
  return (
    !causal ||
    queries <= length ||
    `its first queries attend nothing, where a mask that is added to scores gives NaN`
  );
}

/**
 * A case's pattern as libraries have it that add a mask to scores: 0 where a pair is attended, -∞ elsewhere. Rejects where a query
 * attends nothing: softmax is not defined there, and libraries give NaN.
 */
export async function biasOf({
  mask,
  queries,
  length,
}: Pick<ServedCall, "mask" | "queries" | "length">): Promise<Bias> {
  const attended = await mask();
  const heads = attended.length / (queries * length);
  for (let row = 0; row < heads * queries; row++) {
    if (attended.subarray(row * length, (row + 1) * length).includes(1)) continue;
    throw new Error(`query ${row % queries} attends nothing, where a mask that is added to scores gives NaN`);
  }
  return {
    values: Float32Array.from(attended, (one) => (one === 1 ? 0 : Number.NEGATIVE_INFINITY)),
    shape: [1, heads, queries, length],
  };
}
