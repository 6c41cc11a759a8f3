import { median } from "../../stats/median.ts";
import type { SlotTimes } from "./arm.ts";

/**
 * Of the seconds in which the thread of each slot was kept from running, those that fell on its timed calls:
 * outside them a slot sets up and sums up, and any excess over the usual there was waiting. The slots are
 * those of one side of one cell; the usual is what those slots took that did not wait.
 */
export function waitedWithin(slots: readonly SlotTimes[]): number[] {
  const beside = slots.map(({ wall_s, timed_s }) => Math.max(0, wall_s - timed_s));
  const calm = beside.filter((_, at) => slots[at].waited_s === 0);
  const usual = calm.length > 0 ? median(calm) : Math.min(...beside);
  return slots.map(({ waited_s, timed_s }, at) => {
    const outside = Math.max(0, beside[at] - usual);
    return Math.min(timed_s, Math.max(0, waited_s - outside));
  });
}
