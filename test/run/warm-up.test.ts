import { expect, test } from "vitest";
import { warmUp } from "../../src/run/warm-up.ts";
import type { CallWindow } from "../../src/timing/slot.ts";
import type { CallsElsewhere } from "../../src/timing/slot-elsewhere.ts";
import type { GreenCase } from "../../src/verify/prepare-case.ts";

/** A verified case, as far as warming up looks at it. */
function green(parts: Partial<GreenCase> & { run?: () => void; dispose?: () => void }): GreenCase {
  const { run = () => {}, dispose = () => {}, ...rest } = parts;
  const checked = { outcome: "green", elsewhere: null, window: null, callSeconds: 0, gate: {}, ...rest };
  return { ...checked, runnable: { run, dispose } } as unknown as GreenCase;
}

/** Time that passes in whole seconds, one a reading. */
function secondsClock(): () => number {
  let seconds = 0;
  return () => seconds++;
}

test("calls in a window that a coarse clock tells only after much rewinding are skipped, with the reason, and freed", async () => {
  let disposed = 0;
  const window: CallWindow = { calls: 6, rewindSeconds: 0, makeRoom: () => 0 };
  const one = green({ window, dispose: () => void disposed++ });
  const result = await warmUp(one, secondsClock(), 1e6);
  expect(result).toMatchObject({
    outcome: "untold",
    reason: expect.stringMatching(
      /^its calls are too short for this clock, which steps by .*attnbench page serves/,
    ),
  });
  expect(disposed).toBe(1);
});

test("calls that a coarse clock can tell together are taken for what they take then", async () => {
  const window: CallWindow = { calls: 6, rewindSeconds: 0, makeRoom: () => 0 };
  const result = await warmUp(green({ window }), secondsClock(), 1e-9);
  expect(result.outcome === "green" && result.callSeconds).toBeGreaterThan(0);
});

test("of a kernel with a clock of its own as many calls are asked for as that takes", async () => {
  const asked: number[] = [];
  const elsewhere = {
    hasClock: true,
    async again(calls: number) {
      asked.push(calls);
      // A step is 8 ms, a call 1.
      return { seconds: Math.floor(calls / 8) * 8e-3 };
    },
  } as unknown as CallsElsewhere;
  const result = await warmUp(green({ elsewhere }), secondsClock(), 0.03);
  expect(asked).toEqual([1, 2, 4, 8, 16, 32]);
  expect(result).toMatchObject({ outcome: "green", callSeconds: 1e-3 });
});

test("a fine clock asks for no more calls than warm the code", async () => {
  let calls = 0;
  const result = await warmUp(green({ callSeconds: 1, run: () => void calls++ }), secondsClock());
  expect(result).toMatchObject({ outcome: "green", callSeconds: 1 });
  expect(calls).toBe(0);
});
