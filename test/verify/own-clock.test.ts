import { describe, expect, it } from "vitest";
import type { SampleElsewhere } from "../../src/timing/slot-elsewhere.ts";
import { untoldTime, wrongClock, wrongOwnTime } from "../../src/verify/own-clock.ts";

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

/** What a kernel takes and tells of calls, in seconds. */
function clockOf(around: (calls: number) => number, told: (calls: number) => number) {
  const asked: number[] = [];
  const time = async (calls: number): Promise<SampleElsewhere> => {
    asked.push(calls);
    return { seconds: told(calls), around: around(calls), device: null, waited: 0, transfer: 0 };
  };
  return { time, asked };
}

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

describe("a slot", () => {
  it("may have been waited for where this thread was kept from running, or asked", () => {
    expect(untoldTime(1, 1, 0, 1)).toBeNull();
    expect(untoldTime(0.6, 1, 0, 1)).toBeNull();
    expect(untoldTime(0.1, 1, 0.5, 1)).toBeNull();
    expect(untoldTime(0.01, 0.3, 0, 64)).toBeNull();
  });

  it("is not what its clock tells where most of it is not told", () => {
    expect(untoldTime(0.1, 1, 0.2, 1)).toMatch(/^timed reports 100 ms for calls awaited for 1.00 s/);
  });
});
