import { setImmediate } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { Team } from "../../../src/kernels/threads/team.ts";
import { ADDER, ADDER_WORDS, type AdderMessage, addNumbers } from "./adder-words.ts";

const team = new Team<AdderMessage>({
  family: "adders",
  worker: new URL("./adder.ts", import.meta.url),
  words: ADDER_WORDS,
});

/** The sum of the numbers below `end`, by this thread and so many workers. */
function sumBelow(end: number, workers: number, fails = 0): number {
  let sum = Number.NaN;
  team.run({
    workers,
    tell(control) {
      control[ADDER.next] = 0;
      control[ADDER.end] = end;
      control[ADDER.sum] = 0;
      control[ADDER.fails] = fails;
    },
    share: addNumbers,
    progress(control) {
      return control[ADDER.next];
    },
  });
  team.run({
    workers: 0,
    tell: () => {},
    share: (control) => {
      sum = control[ADDER.sum];
    },
  });
  return sum;
}

/** Waits until jobs are refused because a worker ended. */
async function untilRefused(): Promise<string> {
  for (;;) {
    try {
      sumBelow(100, 2);
    } catch (thrown) {
      return String(thrown);
    }
    await setImmediate();
  }
}

describe("a team of threads", () => {
  afterEach(() => team.end());

  it("does every item of a job once, whoever comes in time", () => {
    team.start(3);
    expect(sumBelow(0, 3)).toBe(0);
    for (const end of [1, 2, 50_000, 3, 20_000]) {
      for (const workers of [0, 1, 3]) expect(sumBelow(end, workers)).toBe((end * (end - 1)) / 2);
    }
  });

  it("says that a thread failed, and goes on with the next job", () => {
    team.start(2);
    // This thread may take all items before another is awake.
    expect(() => {
      for (let attempt = 0; attempt < 10_000; attempt++) sumBelow(10_000, 2, 1);
    }).toThrow("adders: a thread failed");
    expect(sumBelow(1000, 2)).toBe(499_500);
  });

  it("does not wait for a thread that is late, and takes it back later", () => {
    team.start(1);
    const id = team.teach(() => "wait");
    expect(sumBelow(1000, 1)).toBe(499_500);
    expect(sumBelow(2000, 1)).toBe(1_999_000);
    team.run({
      workers: 0,
      tell: (control) => {
        Atomics.store(control, ADDER.gate, 1);
        Atomics.notify(control, ADDER.gate);
      },
      share: () => {},
    });
    team.unteach(id, "nothing");
    expect(sumBelow(2000, 1)).toBe(1_999_000);
  });

  it.each([
    ["throws", "die", "Error: adders: a thread ended, it was told to"],
    ["ends", "leave", "Error: adders: a thread ended, with code 3"],
  ] as const)(
    "ends its jobs without a thread that %s, refuses the next, and starts anew",
    async (_, message, said) => {
      team.start(2);
      const id = team.teach(() => message);
      expect(sumBelow(1000, 2)).toBe(499_500);
      expect(await untilRefused()).toContain(said);
      team.unteach(id, "nothing");
      team.end();
      team.start(2);
      expect(sumBelow(1000, 2)).toBe(499_500);
    },
  );

  it("refuses jobs once it was ended, and more threads than it can count", () => {
    team.start(2);
    team.end();
    expect(() => sumBelow(10, 2)).toThrow("adders: its threads have ended");
    expect(() => team.start(256)).toThrow("adders: threads must be at most 256, got 257");
  });
});
