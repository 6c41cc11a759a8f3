import { FLOAT_BYTES, type Shape } from "../../../core/shape.ts";
import type { Bias } from "../../../pairwise/bias.ts";
import { biasTables } from "../../../pairwise/bias-tables.ts";
import type { LearnedTable } from "../../../pairwise/learned-table.ts";
import type { TokenRange } from "../../../pairwise/turn-table.ts";
import { entriesRead } from "../../entries-read.ts";
import { lines } from "../arena.ts";
import type { ScratchPlan } from "../call.ts";
import type { CallMemory } from "../forms/call-memory.ts";
import { BIAS_MARGIN, type GRADIENT } from "./layout.ts";

/** The gradient of a learned table, `[heads, 1, entries]`: each segment sums by distance, and distances share entries. */
export interface BiasSums {
  readonly words: Partial<Record<keyof typeof GRADIENT, number>>;
  /** Begins a call. */
  clear(): void;
  /** Takes what the segments have summed for a head. */
  take(head: number): void;
  write(to: Float32Array): void;
  /** Bytes beside those that were planned. */
  readonly bytes: number;
}

/** Makes room for the sums of so many segments. Returns what reads them, once there is memory. */
export function planBiasSums(
  bias: Bias & { readonly table: LearnedTable },
  { heads, length: keys }: Shape,
  { queries, causal }: { readonly queries: TokenRange; readonly causal: boolean },
  segments: number,
  plan: ScratchPlan,
): (memory: CallMemory) => BiasSums {
  const { entries } = bias.table;
  const { least, count } = biasTables(bias, keys, queries);
  const biasBytes = lines((count + 2 * BIAS_MARGIN) * FLOAT_BYTES);
  const at = plan.words((segments * biasBytes) / FLOAT_BYTES);
  const entryOf = entriesRead(bias, { heads, causal }, least, count);
  const sums = new Float64Array(heads * entries);
  return (memory) => ({
    words: { biasSums: memory.place(at), biasBytes, biasAt: (BIAS_MARGIN - least) * FLOAT_BYTES },
    clear: () => sums.fill(0),
    take(head) {
      for (let segment = 0; segment < segments; segment++) {
        const start = memory.place(at) + segment * biasBytes + BIAS_MARGIN * FLOAT_BYTES;
        const found = memory.arena.floats(start, count);
        for (let distance = 0; distance < count; distance++) {
          sums[head * entries + entryOf[head * count + distance]] += found[distance];
        }
      }
    },
    write: (to) => to.set(sums),
    bytes: sums.byteLength + entryOf.byteLength,
  });
}
