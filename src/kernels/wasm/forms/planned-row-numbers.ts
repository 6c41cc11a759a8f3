import type { RowNumbers } from "../../../pairwise/row-numbers.ts";
import type { ScratchPlan } from "../call.ts";
import type { CallMemory } from "./call-memory.ts";

/**
 * Makes room for the numbers of the rows of each of `tables`, such as patterns, if they depend on how many keys
 * a row attends. Returns what writes them, once there is memory; that returns where those of a table begin, and
 * 0 if all rows have the same.
 */
export function planRowNumbers<Table>(
  { of }: RowNumbers,
  tables: readonly Table[],
  rows: number,
  keysOf: (table: Table) => ArrayLike<number>,
  plan: ScratchPlan,
): (memory: CallMemory) => ReadonlyMap<Table, number> {
  if (of === null) return () => new Map(tables.map((table) => [table, 0]));
  const planned = tables.map((table) => [table, plan.words(rows)] as const);
  return (memory) =>
    new Map(
      planned.map(([table, at]) => {
        const start = memory.place(at);
        const numbers = memory.arena.floats(start, rows);
        const keys = keysOf(table);
        for (let row = 0; row < rows; row++) numbers[row] = of(keys[row]);
        return [table, start];
      }),
    );
}
