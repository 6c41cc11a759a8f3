import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { CLOCK_STEPS } from "../../src/core/clock-steps.ts";
import { fastest } from "../../src/kernels/fastest.ts";
import { inSteps, isTooShort, leastSample, observedStep } from "../../src/platform/clock-step.ts";
import { type CallWindow, planSlot, timeSlot } from "../../src/timing/slot.ts";

/** A clock that shows whole steps only, in milliseconds; `pass` lets time go by. Reading it takes a little. */
function steppingClock(step: number, reading = 1e-5) {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => {
    now += reading;
    return Math.floor(now / step) * step;
  });
  return {
    pass(milliseconds: number) {
      now += milliseconds;
    },
  };
}
afterEach(() => void vi.restoreAllMocks());

const coarse = fc.constantFrom(5e-6, 2e-5, 1e-4, 1e-3);
const callSeconds = fc.double({ min: -7, max: 0, noNaN: true }).map((exponent) => 10 ** exponent);

describe("the step of a clock", () => {
  it.each([0.005, 0.1, 1])("of %f ms is seen as it is", (step) => {
    steppingClock(step, 1e-4);
    expect(observedStep()).toBeCloseTo(step / 1000, 9);
  });

  it("is 0 where the clock stands still", () => {
    vi.spyOn(performance, "now").mockReturnValue(7);
    expect(observedStep()).toBe(0);
  });

  it("asks nothing of samples where it is as fine as Node's", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 4e-7, noNaN: true }), callSeconds, (step, seconds) => {
        expect(leastSample(step)).toBe(0);
        expect(isTooShort(seconds, step)).toBe(false);
      }),
    );
    expect(leastSample()).toBe(0);
    expect(inSteps(1e-6, 3)).toBe(1e-6);
  });
});

describe("by a coarse clock", () => {
  it("no sample that goes as expected lasts fewer than a hundred steps", () => {
    fc.assert(
      fc.property(coarse, callSeconds, (step, seconds) => {
        const { callsPerSample } = planSlot(seconds, undefined, null, leastSample(step));
        expect(callsPerSample * seconds).toBeGreaterThanOrEqual(CLOCK_STEPS * step);
        expect(isTooShort(callsPerSample * seconds, step)).toBe(false);
      }),
    );
  });

  it("nor does one of windows, which are whole", () => {
    fc.assert(
      fc.property(coarse, callSeconds, fc.integer({ min: 1, max: 64 }), (step, seconds, calls) => {
        const window: CallWindow = { calls, rewindSeconds: 0, makeRoom: () => 0 };
        const { callsPerSample } = planSlot(seconds, undefined, window, leastSample(step));
        expect(callsPerSample * seconds).toBeGreaterThanOrEqual(CLOCK_STEPS * step);
        if (callsPerSample > 1) expect(callsPerSample % calls).toBe(0);
      }),
    );
  });

  it("a sample of several windows is rewound before each", () => {
    const events: string[] = [];
    const window: CallWindow = {
      calls: 4,
      rewindSeconds: 0,
      makeRoom() {
        events.push("rewind");
        return 1;
      },
    };
    const seconds = timeSlot(() => events.push("call"), { callsPerSample: 12, samples: 1 }, 0, window);
    expect(events.join(" ")).toBe(Array(3).fill("rewind call call call call call").join(" "));
    expect(seconds).toHaveLength(1);
  });

  it("the fastest call is that of a batch that it can tell", () => {
    const { pass } = steppingClock(0.1);
    expect(fastest(0.06, () => pass(0.03), leastSample(1e-4))).toBeCloseTo(3e-5, 6);
    expect(fastest(0.06, () => pass(20), leastSample(1e-4))).toBeCloseTo(20e-3, 6);
  });
});
