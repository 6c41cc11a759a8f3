import type { Problem } from "../../../core/problem.ts";
import { FLOAT_BYTES } from "../../../core/shape.ts";
import type { Bias } from "../../../pairwise/bias.ts";
import { biasTables } from "../../../pairwise/bias-tables.ts";
import type { LearnedTable } from "../../../pairwise/learned-table.ts";
import { entriesRead } from "../../entries-read.ts";
import type { MemoryPlan } from "../call/memory.ts";
import { LANES } from "../code/transpose.ts";
import { ROWS } from "../pairwise/layout.ts";
import type { Segment } from "./units.ts";

/** The gradient of a learned table, `[heads, 1, entries]`: each segment sums by distance, and distances share entries. */
export interface BiasSums {
  /** Where a segment sums what biases of distance 0 of a head get, counted over all batch entries; 0 if it has none of its rows. */
  ofHead(segment: Segment, head: number): bigint;
  /** Begins a call. */
  clear(): void;
  /** Adds up what all segments have summed, in their order. */
  write(to: Float32Array): void;
  /** Bytes beside those that were planned. */
  readonly bytes: number;
}

/**
 * Makes room for the sums of the heads of each segment, which lie as the biases do: a key that is further ahead of its query comes
 * first. Returns what reads them, once there is memory.
 */
export function planBiasSums(
  { shape: { heads, length, queries }, causal }: Problem,
  bias: Bias & { readonly table: LearnedTable },
  segments: readonly Segment[],
  plan: MemoryPlan,
): () => BiasSums {
  const { entries } = bias.table;
  const { least, count } = biasTables(bias, length, { from: length - queries, to: length });
  const planned = segments.flatMap((segment) => {
    const ofSegment = new Set(segment.passes.flat().map(({ head }) => head));
    return [...ofSegment].map((head) => ({
      segment,
      head,
      // Whole vectors of rows are added to, beyond the last row as well, and one more.
      place: plan.reserve((count + ROWS + LANES) * FLOAT_BYTES),
    }));
  });
  const entryOf = entriesRead(bias, { heads, causal }, least, count);
  const sums = new Float64Array(heads * entries);
  return () => {
    const placed = planned.map(({ place, ...of }) => ({ ...of, region: place() }));
    const addresses = new Map<Segment, Map<number, bigint>>();
    for (const { segment, head, region } of placed) {
      const ofHeads = addresses.get(segment) ?? new Map<number, bigint>();
      addresses.set(segment, ofHeads);
      ofHeads.set(head, region.address + BigInt((least + count - 1) * FLOAT_BYTES));
    }
    return {
      ofHead: (segment, head) => addresses.get(segment)?.get(head) ?? 0n,
      clear() {
        for (const { region } of placed) region.floats.fill(0);
      },
      write(to) {
        sums.fill(0);
        for (const { head, region } of placed) {
          const own = head % heads;
          for (let at = 0; at < count; at++) {
            sums[own * entries + entryOf[own * count + count - 1 - at]] += region.floats[at];
          }
        }
        to.set(sums);
      },
      bytes: sums.byteLength + entryOf.byteLength,
    };
  };
}
