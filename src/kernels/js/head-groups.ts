import { kvHeadOf, type Shape } from "../../core/shape.ts";
import type { Schedule } from "../schedule.ts";

/** Heads of q that read the same head of k and v by the same schedule: each of its tiles is packed once. */
export interface HeadGroup {
  readonly schedule: Schedule;
  readonly kvHead: number;
  readonly heads: readonly number[];
}

/** The heads of q in groups: by the head of k and v that they read, and where patterns differ by schedule. */
export function headGroups(shape: Shape, schedules: readonly Schedule[]): HeadGroup[] {
  const groups: HeadGroup[] = [];
  /** The heads of the groups of the last head of k and v: heads of q that share one follow one another. */
  const last = new Map<Schedule, number[]>();
  for (const [head, schedule] of schedules.entries()) {
    const kvHead = kvHeadOf(shape, head);
    if (head > 0 && kvHead !== kvHeadOf(shape, head - 1)) last.clear();
    const together = last.get(schedule);
    if (together === undefined) {
      const heads = [head];
      last.set(schedule, heads);
      groups.push({ schedule, kvHead, heads });
    } else together.push(head);
  }
  return groups;
}
