import { availableParallelism } from "node:os";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type MachineState,
  machineState,
  slotWarnings,
  stealShare,
  switchesBetween,
} from "../../src/machine/state.ts";

const ticks = fc.option(fc.record({ total: fc.nat(), stolen: fc.nat() }));
const states: fc.Arbitrary<MachineState> = fc.record({
  load: fc.double({ min: 0, max: 500, noNaN: true }),
  ticks,
  involuntarySwitches: fc.nat(),
});
const quiet: MachineState = { load: 0, ticks: { total: 1000, stolen: 0 }, involuntarySwitches: 0 };

describe("machineState", () => {
  it("reads counters that only grow", () => {
    const [before, after] = [machineState(), machineState()];
    expect(before.load).toBeGreaterThanOrEqual(0);
    expect(switchesBetween(before, after)).toBeGreaterThanOrEqual(0);
    if (before.ticks !== null) {
      expect(before.ticks.stolen).toBeLessThanOrEqual(before.ticks.total);
      expect(after.ticks?.total).toBeGreaterThanOrEqual(before.ticks.total);
    }
  });
});

describe("stealShare", () => {
  it("is a share from 0 to 1 between any two states, or null where the system does not tell", () => {
    fc.assert(
      fc.property(fc.option(states), states, (before, after) => {
        const share = stealShare(before, after);
        if (after.ticks === null) expect(share).toBeNull();
        else expect(share !== null && share >= 0 && share <= 1).toBe(true);
      }),
    );
  });

  it("is the share of the ticks between two states, or of all since boot", () => {
    const before = { ...quiet, ticks: { total: 1000, stolen: 100 } };
    const after = { ...quiet, ticks: { total: 1400, stolen: 110 } };
    expect(stealShare(before, after)).toBeCloseTo(10 / 400, 12);
    expect(stealShare(null, after)).toBeCloseTo(110 / 1400, 12);
  });
});

describe("slotWarnings", () => {
  it("says nothing of a quiet slot", () => {
    expect(slotWarnings(quiet, quiet, 0.02)).toEqual([]);
  });

  it.each([
    ["stolen time", { ...quiet, ticks: { total: 2000, stolen: 60 } }, /hypervisor/],
    ["preemption", { ...quiet, involuntarySwitches: 51 }, /preempted/],
    ["other programs", { ...quiet, load: availableParallelism() + 1.5 }, /more was running/],
  ])("warns of %s, and says what to do", (_, after, about) => {
    const warnings = slotWarnings(quiet, after, 0.02);
    expect(warnings.length).toBe(1);
    expect(warnings[0]).toMatch(about);
    expect(warnings[0]).toMatch(/: (run again at a quiet time|close other programs)$/);
  });

  it("allows a longer slot more preemptions", () => {
    const after = { ...quiet, involuntarySwitches: 99 };
    expect(slotWarnings(quiet, after, 0.02)).not.toEqual([]);
    expect(slotWarnings(quiet, after, 2)).toEqual([]);
  });

  it("throws at nothing", () => {
    fc.assert(
      fc.property(states, states, (before, after) => {
        expect(slotWarnings(before, after, 1).length).toBeLessThanOrEqual(3);
      }),
    );
  });
});
