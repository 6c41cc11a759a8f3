import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planSlot, timeSlot } from "../../src/timing/slot.ts";

const callSeconds = fc.double({ min: -9, max: 4, noNaN: true }).map((exponent) => 10 ** exponent);

describe("planSlot", () => {
  it("takes from 1 to 64 samples of at least one call each", () => {
    fc.assert(
      fc.property(callSeconds, (seconds) => {
        const { callsPerSample, samples } = planSlot(seconds);
        expect(Number.isInteger(callsPerSample) && Number.isInteger(samples)).toBe(true);
        expect(samples).toBeGreaterThanOrEqual(1);
        expect(samples).toBeLessThanOrEqual(64);
        expect(callsPerSample).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  it("fills about 20 ms, and takes a longer call once", () => {
    fc.assert(
      fc.property(callSeconds, (seconds) => {
        const { callsPerSample, samples } = planSlot(seconds);
        if (seconds > 0.02) expect([callsPerSample, samples]).toEqual([1, 1]);
        else expect(seconds * callsPerSample * samples).toBeLessThanOrEqual(0.0201);
      }),
    );
  });

  it("times calls under 100 µs in batches of at least 2 ms, and longer ones one by one", () => {
    fc.assert(
      fc.property(callSeconds, (seconds) => {
        const { callsPerSample } = planSlot(seconds);
        if (seconds >= 1e-4) expect(callsPerSample).toBe(1);
        else if (seconds >= 1e-8) expect(seconds * callsPerSample).toBeGreaterThanOrEqual(2e-3 * (1 - 1e-12));
      }),
    );
  });

  it("makes no more calls for one that the clock cannot see than for one of 10 ns", () => {
    expect(planSlot(0)).toEqual(planSlot(1e-8));
  });
});

describe("timeSlot", () => {
  it("calls as often as planned, no more and no less, and gives a time for each sample", () => {
    const counts = fc.integer({ min: 1, max: 64 });
    fc.assert(
      fc.property(counts, counts, (callsPerSample, samples) => {
        let calls = 0;
        const seconds = timeSlot(() => calls++, { callsPerSample, samples });
        expect(calls).toBe(callsPerSample * samples);
        expect(seconds.length).toBe(samples);
        expect(seconds.every((sample) => sample >= 0 && Number.isFinite(sample))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it("gives seconds a call in the order in which they passed, not sorted", () => {
    let call = 0;
    // The second of three samples waits, on a clock that only goes forward.
    const seconds = timeSlot(
      () => {
        if (++call !== 2) return;
        const start = performance.now();
        while (performance.now() - start < 5);
      },
      { callsPerSample: 1, samples: 3 },
    );
    expect(seconds[1]).toBeGreaterThanOrEqual(0.005 * 0.99);
  });

  it("divides a sample by the calls in it", () => {
    const [batched] = timeSlot(
      () => {
        const start = performance.now();
        while (performance.now() - start < 1);
      },
      { callsPerSample: 8, samples: 1 },
    );
    expect(batched).toBeGreaterThanOrEqual(0.001 * 0.99);
  });

  it("lets what the kernel throws through", () => {
    const thrown = new RangeError("index out of range");
    expect(() =>
      timeSlot(
        () => {
          throw thrown;
        },
        { callsPerSample: 1, samples: 5 },
      ),
    ).toThrow("index out of range");
  });
});

describe("a slot of a window of calls", () => {
  const UNTIMED = 2;
  /** 7 calls in a window beside those that are not timed, and what happened in which order. */
  const windowOf = () => {
    const events: string[] = [];
    let left = 0;
    const rewind = () => {
      events.push("rewind");
      left = 7 + UNTIMED;
    };
    const window = {
      calls: 7,
      rewindSeconds: 0.005,
      makeRoom(calls: number) {
        if (left >= calls) return 0;
        rewind();
        return UNTIMED;
      },
    };
    const run = () => {
      if (left-- === 0) throw new Error("ran past the window");
      events.push("call");
    };
    return { events, window, run };
  };

  it("times short calls from one end of the window to the other, and rewinds between", () => {
    const { events, window, run } = windowOf();
    const plan = planSlot(1e-6, 0.02, window);
    expect(plan).toEqual({ callsPerSample: 7, samples: 3 });
    timeSlot(run, plan, 0, window);
    const once = ["rewind", ...Array(UNTIMED + 7).fill("call")];
    expect(events).toEqual([...once, ...once, ...once]);
  });

  it("times long calls alone, and rewinds where none is left", () => {
    const { events, window, run } = windowOf();
    const plan = planSlot(1e-3, 0.02, window);
    expect(plan).toEqual({ callsPerSample: 1, samples: 11 });
    timeSlot(run, plan, 0, window);
    const calls = (count: number) => Array(count).fill("call");
    expect(events).toEqual(["rewind", ...calls(UNTIMED + 7), "rewind", ...calls(UNTIMED + 4)]);
  });

  it("counts no time of the calls that come first after rewinding", () => {
    let since = 0;
    let left = 0;
    const slow = () => {
      const end = performance.now() + (since++ < UNTIMED ? 3 : 0);
      while (performance.now() < end);
      left--;
    };
    const seconds = timeSlot(slow, { callsPerSample: 4, samples: 9 }, 0, {
      calls: 4,
      rewindSeconds: 0,
      makeRoom(calls) {
        if (left >= calls) return 0;
        since = 0;
        left = UNTIMED + 4;
        return UNTIMED;
      },
    });
    expect(seconds).toHaveLength(9);
    // Some sample is not held up by other programs.
    expect(Math.min(...seconds)).toBeLessThan(0.001);
  });

  it("does not count rewinding as time of the calls", () => {
    const wait = (milliseconds: number) => {
      const start = performance.now();
      while (performance.now() - start < milliseconds);
    };
    const seconds = timeSlot(() => {}, { callsPerSample: 1, samples: 9 }, 0, {
      calls: 1,
      rewindSeconds: 0.003,
      makeRoom() {
        wait(3);
        return 0;
      },
    });
    expect(Math.min(...seconds)).toBeLessThan(0.003);
  });
});
