import type { Problem } from "../../../core/problem.ts";
import { FLOAT_BYTES } from "../../../core/shape.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import type { Bias, BoundBias } from "../../../pairwise/bias.ts";
import { biasTables } from "../../../pairwise/bias-tables.ts";
import { BIAS_TABLE, bindBiases } from "../../../pairwise/bind-biases.ts";
import { LearnedBiases } from "../../../pairwise/learned-biases.ts";
import type { MemoryPlan } from "../call/memory.ts";
import { ROWS } from "./layout.ts";

/** The biases of all heads in memory. */
export interface PlacedBiases {
  /** The address of the places of all tokens; 0 if they are their numbers. */
  readonly places: bigint;
  /** The address of a head's bias of distance 0: a query that is further behind its key is further on. */
  ofHead(head: number): bigint;
  /** Makes tables anew whose learned numbers have changed. */
  refresh(): void;
}

/** Makes room for the tables of a bias, if there is one. Returns what fills them once there is memory. */
export function planBiases(
  { shape, inputs, causal }: Problem,
  bias: Bias | undefined,
  unit: number,
  plan: MemoryPlan,
): (() => PlacedBiases) | undefined {
  if (bias === undefined) return undefined;
  const { heads, length, queries } = shape;
  const { least, count, places } = biasTables(bias, length, { from: length - queries, to: length });
  const table = bias.table && tensorNamed(inputs, BIAS_TABLE);
  const bound = bindBiases(bias, { heads, causal }, table);
  const learned = table && new LearnedBiases(bias, table);
  // Whole vectors of rows are read, beyond the last row as well.
  const entries = count + ROWS;
  const tables = plan.reserve(heads * entries * FLOAT_BYTES);
  const placeRegion = plan.reserve((places?.length ?? 0) * FLOAT_BYTES);
  const firstPlaced = Math.min(0, length - queries);
  return () => {
    const { floats, address } = tables();
    const fill = (head: number): void =>
      fillTable(bound[head], least, unit, floats.subarray(head * entries, head * entries + count));
    for (let head = 0; head < heads; head++) fill(head);
    const placed = placeRegion();
    if (places !== null) placed.integers.set(places);
    // The table begins with the key that is furthest ahead of its query: distance least + count - 1.
    const ofDistance0 = least + count - 1;
    return {
      places: places === null ? 0n : placed.address - BigInt(firstPlaced * FLOAT_BYTES),
      ofHead: (head) => address + BigInt((head * entries + ofDistance0) * FLOAT_BYTES),
      refresh() {
        for (let head = 0; head < heads; head++) if (learned?.changed(head)) fill(head);
      },
    };
  };
}

/** From the greatest distance of a key ahead of its query to the least. */
function fillTable({ of }: BoundBias, least: number, unit: number, table: Float32Array): void {
  for (const at of table.keys()) table[at] = unit * of(least + table.length - 1 - at);
}
