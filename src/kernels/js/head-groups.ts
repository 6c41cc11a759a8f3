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
  const groups: Array<HeadGroup & { readonly heads: number[] }> = [];
  for (const [head, schedule] of schedules.entries()) {
    const kvHead = kvHeadOf(shape, head);
    const group = groups.find((one) => one.kvHead === kvHead && one.schedule === schedule);
    if (group === undefined) groups.push({ schedule, kvHead, heads: [head] });
    else group.heads.push(head);
  }
  return groups;
}
