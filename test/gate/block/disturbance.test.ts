import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import process from "node:process";
import { expect, test } from "vitest";
import { wasPreempted, wasStolen } from "../../../src/gate/block/disturbance.ts";
import type { MachineState } from "../../../src/machine/state.ts";
import { markWaiting, waitedSince } from "../../../src/timing/waiting.ts";

test.each([
  [0, false],
  [0.09, false],
  [0.1, false],
  [0.11, true],
  [1, true],
])("a slot of a second whose thread waited %d s was preempted: %s", (waited_s, expected) => {
  const slot = { median_s: 1e-4, mean_s: 1e-4, min_s: 1e-4, wall_s: 1, timed_s: 1, wrong: null };
  expect(wasPreempted({ ...slot, waited_s })).toBe(expected);
  expect(wasPreempted({ ...slot, wall_s: 1e-3, waited_s: waited_s * 1e-3 })).toBe(expected);
});

test.each([
  [0, false],
  [5, false],
  [6, true],
  [100, true],
])("of 100 ticks %i stolen: %s", (stolen, expected) => {
  const state = (total: number, taken: number): MachineState => ({
    load: 0,
    ticks: { total, stolen: taken },
    involuntarySwitches: 0,
  });
  expect(wasStolen(state(1000, 50), state(1100, 50 + stolen))).toBe(expected);
});

test("where the system does not tell, or no tick has passed, nothing was stolen", () => {
  const silent: MachineState = { load: 0, ticks: null, involuntarySwitches: 0 };
  expect(wasStolen(silent, silent)).toBe(false);
  const same: MachineState = { ...silent, ticks: { total: 9, stolen: 9 } };
  expect(wasStolen(same, same)).toBe(false);
});

/** Computes for so many seconds by the clock. */
function spin(seconds: number): void {
  for (const end = performance.now() + seconds * 1e3; performance.now() < end; );
}

test("waiting is never below nothing and never longer than the time that passed", () => {
  for (let attempt = 0; attempt < 20; attempt++) {
    const mark = markWaiting();
    spin(1e-3);
    const waited = waitedSince(mark);
    expect(waited).toBeGreaterThanOrEqual(0);
    // Counters and clock are not read at the same moment.
    expect(waited).toBeLessThan(performance.now() / 1e3 - mark.at_s + 1e-3);
  }
});

test("without the system's count it is the time without a processor", () => {
  const now = markWaiting();
  const without = { ...now, delay_s: null };
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60);
  expect(waitedSince({ ...without })).toBeGreaterThan(0.02);
  expect(waitedSince({ ...without })).toBeLessThan(performance.now() / 1e3 - now.at_s + 1e-3);
});

test.runIf(existsSync("/proc/thread-self/schedstat"))(
  "sleeping is not waiting, and competing for a core is",
  async () => {
    // On a busy machine whoever wakes waits, too: but not every time.
    const slept = Array.from({ length: 20 }, () => {
      const asleep = markWaiting();
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30);
      return waitedSince(asleep);
    });
    expect(Math.min(...slept)).toBeLessThan(0.03);
    // Three processes that compute for each core leave this one a quarter of its time.
    const rivals = Array.from({ length: 3 * availableParallelism() }, () =>
      spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }),
    );
    try {
      await new Promise((resolve) => setTimeout(resolve, 150));
      const mark = markWaiting();
      for (let slot = 0; slot < 50 && waitedSince(mark) < 0.01; slot++) spin(0.02);
      expect(waitedSince(mark)).toBeGreaterThan(0.01);
    } finally {
      for (const rival of rivals) rival.kill("SIGKILL");
    }
  },
);
