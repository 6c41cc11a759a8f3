import { platform } from "../platform/here.ts";

/** Counters of what else the machine did; the difference of two describes the time between. A browser tells none. */
export interface MachineState {
  readonly load: number | null;
  /**
   * Processor time in total and given to other guests by the hypervisor, in ticks; null if the system does
   * not say.
   */
  readonly ticks: { readonly total: number; readonly stolen: number } | null;
  readonly involuntarySwitches: number | null;
}

export function machineState(): MachineState {
  return {
    load: platform.load(),
    ticks: processorTicks(),
    involuntarySwitches: platform.involuntarySwitches(),
  };
}

/** Fraction of processor time that the hypervisor gave to others between two states, or since boot. */
export function stealShare(before: MachineState | null, after: MachineState): number | null {
  if (after.ticks === null) return null;
  const total = after.ticks.total - (before?.ticks?.total ?? 0);
  const stolen = after.ticks.stolen - (before?.ticks?.stolen ?? 0);
  // The counters tick at 100 Hz, and hypervisors have been seen to set them back.
  return total > 0 ? Math.min(Math.max(stolen / total, 0), 1) : 0;
}

/** A slot of which more than this fraction was stolen is worth a warning. */
const STEAL_BOUND = 0.05;
/** So is being preempted this often per second, or this often in a shorter slot. */
const SWITCHES_A_SECOND = 50;

/** What disturbed a slot of this many seconds, as short sentences. */
export function slotWarnings(before: MachineState, after: MachineState, seconds: number): string[] {
  const warnings = disturbances(before, after, seconds);
  if (after.load !== null && after.load > platform.processors() + 1) {
    warnings.push("more was running than the machine has cores: close other programs");
  }
  return warnings;
}

/** What others took of the processor within this many seconds. */
export function disturbances(before: MachineState, after: MachineState, seconds: number): string[] {
  const warnings: string[] = [];
  const steal = stealShare(before, after);
  if (steal !== null && steal > STEAL_BOUND) {
    warnings.push("the hypervisor gave processor time to other guests: run again at a quiet time");
  }
  const switches = switchesBetween(before, after);
  if (switches !== null && switches > SWITCHES_A_SECOND * Math.max(seconds, 1)) {
    warnings.push("the process was preempted more than 50 times a second: close other programs");
  }
  return warnings;
}

/** How often this process was preempted between two states. */
export function switchesBetween(before: MachineState, after: MachineState): number | null {
  if (before.involuntarySwitches === null || after.involuntarySwitches === null) return null;
  return after.involuntarySwitches - before.involuntarySwitches;
}

/** The first line of /proc/stat: user nice system idle iowait irq softirq steal. */
function processorTicks(): MachineState["ticks"] {
  const text = platform.readSystemFile("/proc/stat");
  if (text === null) return null; // not Linux
  const fields = text.split("\n")[0].trim().split(/\s+/).slice(1, 9).map(Number);
  if (fields.length < 8 || fields.some((field) => !Number.isFinite(field))) return null;
  return { total: fields.reduce((sum, field) => sum + field, 0), stolen: fields[7] };
}
