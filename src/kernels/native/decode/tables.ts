import type { DecodeSchedule } from "../../decode/compile-decode.ts";
import { rowKeys } from "../../decode/heads.ts";
import type { MemoryPlan } from "../call/memory.ts";
import { checkSchedule } from "./check-schedule.ts";

/** Where the arrays of a schedule that machine code reads begin, and the number of each row; 0 if all rows have the same. */
export interface PlacedTables {
  readonly slotOf: bigint;
  readonly pieces: bigint;
  readonly rowAt: bigint;
  readonly lastCount: bigint;
  readonly rowNumbers: bigint;
}

/**
 * Makes room for the tables of a schedule; `numberOf` gives the number of a row that attends so many keys, null if
 * that changes nothing. Returns what fills them once there is memory.
 */
export function planTables(
  schedule: DecodeSchedule,
  numberOf: ((keys: number) => number) | null,
  plan: MemoryPlan,
): () => PlacedTables {
  checkSchedule(schedule);
  const { capacity } = schedule;
  const arrays = [schedule.slotOf, schedule.pieces, schedule.rowAt, schedule.lastCount].map((array) => ({
    array,
    region: plan.reserve(array.byteLength),
  }));
  const numbers = plan.reserve(numberOf === null ? 0 : capacity * Float32Array.BYTES_PER_ELEMENT);
  return () => {
    const [slotOf, pieces, rowAt, lastCount] = arrays.map(({ array, region }) => {
      const { integers, address } = region();
      integers.set(array);
      return address;
    });
    const { floats, address } = numbers();
    for (let row = 0; numberOf !== null && row < capacity; row++)
      floats[row] = numberOf(rowKeys(schedule, row));
    return { slotOf, pieces, rowAt, lastCount, rowNumbers: numberOf === null ? 0n : address };
  };
}
