import { type machineState, stealShare } from "../../machine/state.ts";
import type { SlotTimes } from "./arm.ts";

/** Pairs during which the hypervisor gave more than this share of the processors to others do not count. */
const MOST_STOLEN = 0.05;
/**
 * Nor does one with a slot in which its thread was kept from running for more than this share of the time.
 */
const MOST_WAITING = 0.1;

type MachineState = ReturnType<typeof machineState>;

/** Whether a slot was disturbed, by a bound that was fixed before anything was measured. */
export function wasPreempted({ wall_s, waited_s }: SlotTimes): boolean {
  return waited_s > MOST_WAITING * wall_s;
}

/** Whether the time between two states of the machine was. */
export function wasStolen(before: MachineState, after: MachineState): boolean {
  return (stealShare(before, after) ?? 0) > MOST_STOLEN;
}
