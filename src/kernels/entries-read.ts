import type { Bias } from "../pairwise/bias.ts";
import { bindBiases } from "../pairwise/bind-biases.ts";
import type { LearnedTable } from "../pairwise/learned-table.ts";

/**
 * Which number of its head's learned table each distance from `least` on reads, `[heads, count]`: what it reads of a table that
 * holds their places.
 */
export function entriesRead(
  bias: Bias & { readonly table: LearnedTable },
  call: { readonly heads: number; readonly causal: boolean },
  least: number,
  count: number,
): Int32Array {
  const { entries } = bias.table;
  const places = Float32Array.from({ length: call.heads * entries }, (_, at) => at % entries);
  const bound = bindBiases(bias, call, places);
  return Int32Array.from({ length: call.heads * count }, (_, at) =>
    bound[Math.floor(at / count)].of(least + (at % count)),
  );
}
