import { describe, expect, it } from "vitest";
import {
  type CallsElsewhere,
  changesIn,
  planSlotElsewhere,
  type SampleElsewhere,
  timeSlotElsewhere,
} from "../../src/timing/slot-elsewhere.ts";

/** Calls that take what they are told to, in the order in which they are asked. */
function calls(hasClock: boolean, taken: readonly SampleElsewhere[] = []) {
  const asked: number[] = [];
  const none = async () => 0;
  const of: CallsElsewhere = {
    isElsewhere: true,
    pid: () => null,
    computing: () => undefined,
    hasClock,
    again: async () => taken[0],
    load: none,
    fetch: none,
    async sample(many) {
      asked.push(many);
      return taken[asked.length - 1];
    },
    untold: () => null,
  };
  return { of, asked };
}

describe("a slot of calls that are waited for", () => {
  it("times each alone, and as many as fit with what taking in the inputs takes", () => {
    const { of } = calls(false);
    expect(planSlotElsewhere(1e-6, 0, of)).toEqual({ callsPerSample: 1, samples: 64 });
    expect(planSlotElsewhere(1e-3, 1e-3, of)).toEqual({ callsPerSample: 1, samples: 10 });
    expect(planSlotElsewhere(1, 1, of)).toEqual({ callsPerSample: 1, samples: 1 });
    expect(planSlotElsewhere(1e-6, 0.01, of)).toEqual({ callsPerSample: 1, samples: 1 });
    expect(planSlotElsewhere(1e-4, 1.5e-4, of, 2e-3)).toEqual({ callsPerSample: 1, samples: 8 });
  });

  it("has batches of 2 ms where a clock of their own times several", () => {
    const { of } = calls(true);
    expect(planSlotElsewhere(1e-5, 0, of)).toEqual({ callsPerSample: 200, samples: 10 });
    expect(planSlotElsewhere(1e-5, 2e-3, of).samples).toBe(5);
    expect(planSlotElsewhere(1e-3, 0, of).callsPerSample).toBe(1);
  });

  it("changes numbers before every call, or before every batch that is timed at once", () => {
    const plan = { callsPerSample: 5, samples: 3 };
    expect(changesIn(plan, calls(false).of)).toBe(15);
    expect(changesIn(plan, calls(true).of)).toBe(3);
  });

  it("gives seconds a call in time order, and the medians of what is told beside", async () => {
    const taken = [3, 1, 2].map((n) => ({
      seconds: 2 * n,
      around: 4 * n,
      device: n,
      waited: 0,
      processor: null,
      transfer: 10 * n,
    }));
    const { of, asked } = calls(true, taken);
    expect(await timeSlotElsewhere(of, { callsPerSample: 2, samples: 3 })).toEqual({
      samples: [3, 1, 2],
      around_s: 4,
      device_s: 1,
      transfer_s: 10,
    });
    expect(asked).toEqual([2, 2, 2]);
    const padded = await timeSlotElsewhere(calls(true, taken).of, { callsPerSample: 2, samples: 3 }, 0.5);
    expect(padded.samples).toEqual([4.5, 1.5, 3]);
  });

  it("has no time of a device where one sample tells none", async () => {
    const taken = [
      { seconds: 1, around: 1, device: 1, waited: 0, processor: null, transfer: 0 },
      { seconds: 1, around: 1, device: null, waited: 0, processor: null, transfer: 0 },
    ];
    const { device_s } = await timeSlotElsewhere(calls(true, taken).of, { callsPerSample: 1, samples: 2 });
    expect(device_s).toBeNull();
  });
});
