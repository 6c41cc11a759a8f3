import { describe, expect, it } from "vitest";
import type { SampleElsewhere } from "../../src/timing/slot-elsewhere.ts";
import { judgeClock, ToldTimes, wrongOwnTime } from "../../src/verify/own-clock.ts";

describe("a time by a clock of a kernel's own", () => {
  it.each([
    [{ wall: 1, device: null }, 1],
    [{ wall: 1, device: 1 }, 1.5],
    [{ wall: 1e-4, device: 0 }, 1e-3],
    // Two clocks are never quite the same.
    [{ wall: 1.01, device: 1.02 }, 1],
    [{ wall: 5e-5, device: 1e-4 }, 0],
  ])("%o of %d seconds that were waited is one", (told, around) => {
    expect(wrongOwnTime(told, around)).toBeNull();
  });

  it.each([
    [{ wall: 1.1, device: null }, 1, /^timed reports 1.10 s for calls awaited for 1.00 s/],
    [{ wall: 1, device: 1.1 }, 2, /^timed reports 1.10 s of its device in 1.00 s/],
    [{ wall: 0, device: null }, 1, /as wall, got 0$/],
    [{ wall: Number.NaN, device: null }, 1, /as wall, got NaN$/],
    [{ wall: Number.POSITIVE_INFINITY, device: null }, 1, /as wall, got Infinity$/],
    [{ wall: 1, device: -1 }, 1, /of its device or null, got -1$/],
  ])("%o of %d seconds is none", (told, around, said) => {
    expect(wrongOwnTime(told, around)).toMatch(said);
  });
});

/** What a kernel takes and tells of calls, in seconds, and what its process's thread computes in them. */
function clockOf(
  around: (calls: number) => number,
  told: (calls: number) => number,
  computed: (calls: number) => number | null = () => null,
) {
  const asked: number[] = [];
  const time = async (calls: number): Promise<SampleElsewhere> => {
    asked.push(calls);
    const [seconds, processor] = [told(calls), computed(calls)];
    return { seconds, around: around(calls), device: null, waited: 0, processor, transfer: 0 };
  };
  return { time, asked };
}

/** A device whose calls cost this process so much each, and so much to wait for, of which its clock tells a share. */
function onDevice(handing: number, computing: number, share: number) {
  return async (calls: number): Promise<SampleElsewhere> => {
    const [submitting, device] = [handing * calls, share * computing * calls];
    const seconds = Math.max(submitting, computing * calls) + 5e-4;
    return { seconds, around: seconds, device, submitting, waited: 0, processor: null, transfer: 0 };
  };
}

const wrongClock = async (time: Parameters<typeof judgeClock>[0]) => (await judgeClock(time)).wrong;

describe("a clock", () => {
  it("is believed that tells what more calls take, whatever a request costs beside", async () => {
    const { time } = clockOf(
      (calls) => 0.03 + 1e-4 * calls,
      (calls) => 0.9e-4 * calls,
    );
    expect(await wrongClock(time)).toBeNull();
  });

  it("is asked for few calls where each is long", async () => {
    const { time, asked } = clockOf(
      (calls) => 2 * calls,
      (calls) => 2 * calls,
    );
    expect(await wrongClock(time)).toBeNull();
    expect(asked).toEqual([1, 2]);
  });

  it("is refused that tells a part of it, or nothing", async () => {
    for (const share of [0, 0.1, 0.4]) {
      const { time } = clockOf(
        (calls) => 0.03 + 1e-4 * calls,
        (calls) => share * 1e-4 * calls,
      );
      expect(await wrongClock(time)).toMatch(
        /more for \d+ calls than for one, which were awaited for .* more/,
      );
    }
  });

  it("of a device must tell most of what it was waited for, whatever handing it the calls takes", async () => {
    for (const handing of [1e-6, 1e-4, 1e-2]) {
      for (const share of [1, 0.6]) expect(await wrongClock(onDevice(handing, 1e-4, share))).toBeNull();
    }
    for (const share of [0, 0.1, 0.4]) {
      expect(await wrongClock(onDevice(1e-6, 1e-4, share))).toMatch(
        /^timed reports .* more of its device for \d+ calls than for one, which was waited for .* more/,
      );
    }
    // What a device does while it is handed more is not known, be it of calls that are handed on in no time.
    for (const handing of [1e-2, 5e-6]) {
      expect(await wrongClock(onDevice(handing, handing / 10, 0.1))).toBeNull();
    }
  });

  it("is refused that tells less than its process computed, however long others kept it waiting", async () => {
    const telling = (share: number) =>
      clockOf(
        (calls) => 0.03 + 1.2e-4 * calls,
        (calls) => share * 1e-4 * calls,
        (calls) => 2e-3 + 1e-4 * calls,
      );
    expect(await wrongClock(telling(1).time)).toBeNull();
    expect(await wrongClock(telling(0.95).time)).toBeNull();
    for (const share of [0.91, 0.95, 1]) expect(await wrongClock(telling(share).time)).toBeNull();
    const busy = clockOf(
      (calls) => 0.03 + 1e-4 * calls,
      (calls) => 0.8e-4 * calls,
      (calls) => 1e-4 * calls,
    );
    expect(await wrongClock(busy.time)).toMatch(/calls than for one, which computed for .* more/);
  });

  it("is not judged where nearly all that passed was waiting for a processor, but by more calls", async () => {
    for (const share of [1, 0.1]) {
      const time = async (calls: number): Promise<SampleElsewhere> => {
        // Others take the processors from all requests of a few calls.
        const waited = calls === 1 || calls > 64 ? 0 : 0.1;
        const took = 1e-4 * calls;
        const seconds = share * (took + waited);
        return { seconds, around: took + waited, device: null, waited, processor: null, transfer: 0 };
      };
      if (share === 1) expect(await wrongClock(time)).toBeNull();
      else
        expect(await wrongClock(time)).toMatch(/for \d+ calls than for one, which were awaited for .* more/);
    }
  });

  it("is told nothing of by times that shrink where others take the processors", async () => {
    const shrinking =
      (two: Partial<SampleElsewhere>) =>
      async (calls: number): Promise<SampleElsewhere> => {
        const took = 0.13 + 1e-3 * (calls - 1);
        const usual = { seconds: took, around: took, device: 0.12 + 1e-3 * (calls - 1), submitting: 0 };
        const rest = { waited: 0, processor: usual.device, transfer: 0 };
        return { ...usual, ...rest, ...(calls === 2 ? two : {}) };
      };
    const device = { seconds: 0.33, around: 0.33, device: 0.02, waited: 0.25 };
    expect(await wrongClock(shrinking(device))).toBeNull();
    const processor = { seconds: 0.12, around: 0.35, processor: 0.115, waited: 0.25 };
    expect(await wrongClock(shrinking(processor))).toBeNull();
  });

  it("is refused where more calls take no longer", async () => {
    const { time } = clockOf(
      () => 0.001,
      () => 0.001,
    );
    expect(await wrongClock(time)).toBe(
      "timed took no longer for 65536 calls than for one; it must make as many as it is asked to",
    );
  });

  it("is believed that was right in one of three proofs, as a busy machine may disturb the others", async () => {
    let proofs = 0;
    const { time } = clockOf(
      (calls) => (calls === 1 ? 0.1 : 0.2),
      (calls) => {
        if (calls === 1) proofs++;
        return calls === 1 || proofs < 3 ? 0.1 : 0.2;
      },
    );
    expect(await wrongClock(time)).toBeNull();
    expect(proofs).toBe(3);
  });
});

/** Samples of a second each, of which that is told. */
function told(samples: number, { seconds = 1, around = 1, waited = 0, request = 0 }) {
  const times = new ToldTimes(request);
  for (let sample = 0; sample < samples; sample++) times.add({ seconds, around, waited });
  return times;
}

describe("what a clock told of many samples", () => {
  it("may be less than was awaited, where somebody waited for a processor, or requests cost something", () => {
    expect(told(50, {}).wrong).toBeNull();
    expect(told(50, { seconds: 0.6 }).wrong).toBeNull();
    expect(told(50, { seconds: 0.1, waited: 0.5 }).wrong).toBeNull();
    expect(told(50, { seconds: 1e-4, around: 5e-3 }).wrong).toBeNull();
    expect(told(50, { seconds: 1e-4, around: 0.1, request: 0.06 }).wrong).toBeNull();
  });

  it("is not what calls took where most samples tell less than half", () => {
    expect(told(10, { seconds: 0.1, waited: 0.2 }).wrong).toMatch(
      /^timed reports 1.00 s for calls awaited for 10.0 s/,
    );
  });

  it("is not judged by a few samples, however long they were awaited: something else may have run meanwhile", () => {
    const times = told(100, { seconds: 2e-3, around: 2.1e-3 });
    for (let late = 0; late < 6; late++) {
      times.add({ seconds: 2e-3, around: 0.3, waited: 0 });
      expect(times.wrong).toBeNull();
    }
    times.add({ seconds: 2e-3, around: 0.3, waited: 0 });
    expect(times.wrong).not.toBeNull();
    expect(told(5, { seconds: 0.1 }).wrong).toBeNull();
  });
});
