import { vi } from "vitest";
import type { SlotPlan } from "../../src/timing/slot.ts";
import { FakeClock } from "../run/clocked-kernels.ts";

// Stands in for slot.ts, so that slots are timed by the clock that everything else in a run is timed by, and the order
// and the counts of calls are all that there is to see.

/** The clock of every run in one test file. */
export const clock = new FakeClock();

export const { planSlot, rewindingSeconds, samplesIn } =
  await vi.importActual<typeof import("../../src/timing/slot.ts")>("../../src/timing/slot.ts");

export function timeSlot(run: () => void, { callsPerSample, samples }: SlotPlan): number[] {
  return Array.from({ length: samples }, () => {
    const start = clock.now();
    for (let call = 0; call < callsPerSample; call++) run();
    return (clock.now() - start) / callsPerSample;
  });
}
