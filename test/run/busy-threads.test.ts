import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { IdleWatch } from "../../src/timing/idle-watch.ts";
import { markProcessors } from "../../src/timing/processor-time.ts";
import { callAgain } from "../../src/verify/call-again.ts";

/** Waits for a number at place 0 that is new, works for a fixed while, and counts itself at place 1. At place 2 it is told to spin. */
const CODE = `
const { parentPort, workerData: state } = require("node:worker_threads");
parentPort.postMessage("ready");
for (let seen = 0; ; ) {
  if (Atomics.load(state, 2) === 1) while (Atomics.load(state, 2) === 1);
  else Atomics.wait(state, 0, seen);
  const now = Atomics.load(state, 0);
  if (now === seen) continue;
  seen = now;
  let sum = 0;
  for (let i = 0; i < 4e6; i++) sum += Math.sqrt(i);
  state[3] = sum;
  Atomics.add(state, 1, 1);
  Atomics.notify(state, 1);
}`;

const state = new Int32Array(new SharedArrayBuffer(16));
const workers: Worker[] = [];
beforeAll(async () => {
  for (let one = 0; one < 2; one++) workers.push(new Worker(CODE, { eval: true, workerData: state }));
  await Promise.all(workers.map((worker) => once(worker, "message")));
});
afterAll(() => Promise.all(workers.map((worker) => worker.terminate())));

/** One call: both threads work, and this one waits for them. */
function run(): void {
  const due = Atomics.load(state, 1) + workers.length;
  Atomics.add(state, 0, 1);
  Atomics.notify(state, 0);
  for (let done = Atomics.load(state, 1); done < due; done = Atomics.load(state, 1))
    Atomics.wait(state, 1, done);
}

// Elsewhere no system tells what each thread took.
describe.skipIf(markProcessors().threads === null)("threads that nobody asked for are seen", () => {
  it("where calls keep them busy, whatever else the machine does", () => {
    const nothing = { flops: 0, bytes: 0 };
    for (let call = 0; call < 5; call++) run();
    expect(callAgain(run, nothing, 1).threadsSeen).toBe(2);
  });

  it("where they spin between calls, and are then known", async () => {
    const watch = new IdleWatch();
    Atomics.store(state, 2, 1);
    Atomics.add(state, 0, 1);
    Atomics.notify(state, 0);
    let said: string | null = null;
    while (watch.busy.size < 2) said = watch.look("kernel spins") ?? said;
    Atomics.store(state, 2, 0);
    expect(said).toMatch(/^kernel spins keeps \d threads? busy while nothing is asked of it: /);
  });
});
