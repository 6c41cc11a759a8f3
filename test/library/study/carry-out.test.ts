import { describe, expect, test } from "vitest";
import { carryOut, type Trainer } from "../../../src/library/study/carry-out.ts";
import type { TrainMessage } from "../../../src/library/study/train-task.ts";
import { trainedKey } from "../../../src/record/learned.ts";
import type { TrainedLine } from "../../../src/record/schema/learning-lines.ts";
import type { RunName } from "../../../src/training/study/next-runs.ts";
import { aCell, aRun, aStudy } from "../../training/study/a-study.ts";

const study = aStudy([aCell("full"), aCell("linear"), aCell("none", { unsupported: "has no twin" })]);

const done = (name: RunName): TrainMessage => {
  const {
    type: _,
    cell: _cell,
    role: _role,
    rate: _rate,
    seed: _seed,
    ...result
  } = aRun(name, 0.5 + name.rate);
  return { kind: "done", result };
};

/** Yields turns of the event loop, so that runs overlap. */
const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** Trains at once, however many are under way; `begun` hears of each. */
const trainer = (
  begun: (name: RunName) => void = () => {},
  ended: (name: RunName) => void = () => {},
): Trainer =>
  async function* (name) {
    begun(name);
    yield { kind: "looked", look: { step: 400, loss: 1, accuracy: 0.5 } };
    await turns(1 + Math.round(name.rate * 300));
    ended(name);
    yield done(name);
  };

function aHost(signal = new AbortController().signal) {
  const told: { readonly done: number; readonly total: number; readonly secondsLeft: number | null }[] = [];
  return {
    told,
    signal,
    now: () => performance.now() / 1000,
    observe: (one: (typeof told)[number]) => void told.push(one),
  };
}

async function all(...args: Parameters<typeof carryOut>): Promise<TrainedLine[]> {
  return Array.fromAsync(carryOut(...args));
}

describe("carryOut", () => {
  test("trains everything that can be, so many at a time, and each once", async () => {
    let going = 0;
    let most = 0;
    const begun = () => {
      going++;
      most = Math.max(most, going);
    };
    const host = aHost();
    const lines = await all(study, [], { trainer: trainer(begun, () => going--), workers: 3 }, host);
    expect(most).toBe(3);
    expect(new Set(lines.map(trainedKey)).size).toBe(lines.length);
    // The best is at the upper end: two more rates, then three seeds.
    expect(lines.filter(({ cell }) => cell === "full")).toHaveLength(8);
    expect(lines.filter(({ cell }) => cell === "linear")).toHaveLength(8);
    expect(lines.some(({ cell }) => cell === "none")).toBe(false);
    expect(host.told.at(-1)).toMatchObject({ done: 16, total: 16 });
    expect(host.told.every(({ done: ended, total }) => ended <= total)).toBe(true);
  });

  test("goes on with what is left, and with nothing if nothing is", async () => {
    const whole = await all(study, [], { trainer: trainer(), workers: 2 }, aHost());
    for (const ended of [1, 5, 11, 16]) {
      const rest = await all(study, whole.slice(0, ended), { trainer: trainer(), workers: 2 }, aHost());
      expect(new Set([...whole.slice(0, ended), ...rest].map(trainedKey))).toEqual(
        new Set(whole.map(trainedKey)),
      );
      expect(rest).toHaveLength(16 - ended);
    }
  });

  test("an interrupt yields no run that was under way", async () => {
    const controller = new AbortController();
    const interrupted: Trainer = async function* (name) {
      yield { kind: "looked", look: { step: 8, loss: 1, accuracy: 0 } };
      await turns(2);
      if (controller.signal.aborted) {
        yield { kind: "ended", reason: "interrupted" };
        return;
      }
      if (name.rate === 0.01) controller.abort();
      yield done(name);
    };
    const host = aHost(controller.signal);
    const lines = await all(study, [], { trainer: interrupted, workers: 2 }, host);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.every(({ outcome }) => outcome === "trained")).toBe(true);
    expect(lines.length).toBeLessThan(4);
  });

  test("a process that ends is started again once, and one that ends again fails its own run alone", async () => {
    const tries = new Map<string, number>();
    const dying: Trainer = async function* (name) {
      const count = (tries.get(trainedKey(name)) ?? 0) + 1;
      tries.set(trainedKey(name), count);
      const isLost = name.cell === "full" && name.rate === 0.003;
      if (isLost || (name.rate === 0.01 && count === 1)) {
        yield { kind: "ended", reason: "its process ended, killed by SIGKILL" };
        return;
      }
      yield done(name);
    };
    const lines = await all(study, [], { trainer: dying, workers: 2 }, aHost());
    const lost = lines.filter(({ outcome }) => outcome === "failed");
    expect(lost).toHaveLength(1);
    expect(lost[0]).toMatchObject({
      cell: "full",
      rate: 0.003,
      reason: "its process ended, killed by SIGKILL",
    });
    expect(tries.get(trainedKey(lost[0]))).toBe(2);
    expect(lines.filter(({ cell, role }) => cell === "full" && role === "test")).toHaveLength(3);
  });
});
