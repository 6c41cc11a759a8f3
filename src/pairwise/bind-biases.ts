import type { Bias, BoundBias } from "./bias.ts";

/** The name of a learned table among the inputs of a call, `[heads, 1, entries]`. */
export const BIAS_TABLE = "table";

/**
 * A bias bound to each head. `table` are the learned numbers of all heads, which it must have if it reads any;
 * throws a RangeError if they are not as many.
 */
export function bindBiases(
  bias: Bias,
  { heads, causal }: { readonly heads: number; readonly causal: boolean },
  table: Float32Array = new Float32Array(0),
): BoundBias[] {
  const entries = bias.table?.entries ?? 0;
  if (table.length !== heads * entries) {
    throw new RangeError(`${bias.text}: its table must have ${heads * entries} numbers, got ${table.length}`);
  }
  return Array.from({ length: heads }, (_, head) =>
    bias.bind({ head, heads, causal, table: table.subarray(head * entries, (head + 1) * entries) }),
  );
}
