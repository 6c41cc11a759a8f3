import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { prepareWorkers, startWorker } from "../../../src/platform/browser/threads.ts";

/** A worker of a browser, which answers, breaks or says nothing, as the test has it. */
class FakeWorker {
  static made: FakeWorker[] = [];
  static most = Number.POSITIVE_INFINITY;
  onmessage: (() => void) | null = null;
  onerror: ((event: { readonly message: string }) => void) | null = null;
  isEnded = false;

  constructor() {
    if (FakeWorker.made.length >= FakeWorker.most) throw new Error("no more of them");
    FakeWorker.made.push(this);
  }
  postMessage(): void {}
  terminate(): void {
    this.isEnded = true;
  }
}

const SCRIPT = new URL("blob:some");
const ended = () => FakeWorker.made.map(({ isEnded }) => isEnded);

const noneWaits = () => expect(() => startWorker(SCRIPT, null)).toThrow("threads must be prepared");

beforeEach(() => {
  vi.useFakeTimers();
  [FakeWorker.made, FakeWorker.most] = [[], Number.POSITIVE_INFINITY];
  vi.stubGlobal("Worker", FakeWorker);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("threads of a browser's worker", () => {
  test("that all start stay, and no others are started for the same count", async () => {
    const prepared = prepareWorkers(SCRIPT, 3);
    for (const worker of FakeWorker.made) worker.onmessage?.();
    await prepared;
    await prepareWorkers(SCRIPT, 3);
    await vi.runAllTimersAsync();
    expect(ended()).toEqual([false, false, false]);
    for (let taken = 0; taken < 3; taken++) startWorker(SCRIPT, null);
    noneWaits();
  });

  test("of which one breaks are all ended, also those that started", async () => {
    const prepared = prepareWorkers(SCRIPT, 3);
    FakeWorker.made[0].onmessage?.();
    FakeWorker.made[1].onerror?.({ message: "no memory" });
    await expect(prepared).rejects.toThrow("a thread did not start, no memory");
    expect(ended()).toEqual([true, true, true]);
    noneWaits();
  });

  test("of which one says nothing are all ended", async () => {
    const prepared = prepareWorkers(SCRIPT, 2);
    const refused = expect(prepared).rejects.toThrow(
      "a thread did not start in 20 s; ask for fewer --threads",
    );
    FakeWorker.made[0].onmessage?.();
    await vi.runAllTimersAsync();
    await refused;
    expect(ended()).toEqual([true, true]);
  });

  test("of which one cannot even be made are all ended", async () => {
    FakeWorker.most = 2;
    await expect(prepareWorkers(SCRIPT, 3)).rejects.toThrow("no more of them");
    expect(ended()).toEqual([true, true]);
  });
});
