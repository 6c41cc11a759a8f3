/** One worker: waits for jobs, and takes its share of their items. It never returns to its event loop. */
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { type Exports, instantiate } from "../build.ts";
import { CONTROL, type InstanceMessage, RUNNERS, takeItems, type WorkerStart } from "./control.ts";

/** Checks of the job's number before the worker goes to sleep: waking takes longer than a short phase. */
const LOOKS = 4000;

const { control, index } = workerData as WorkerStart;
const instances = new Map<number, Exports>();

Atomics.add(control, CONTROL.ready, 1);
Atomics.notify(control, CONTROL.ready);
for (let job = 0; ; ) {
  job = nextJob(job);
  // Also by those that take no part in this job, or they would keep memories that are no longer needed.
  receiveInstances();
  if (index >= (job & 0xff)) continue;
  try {
    runShare();
  } catch {
    Atomics.add(control, CONTROL.failed, 1);
  }
  Atomics.add(control, CONTROL.finished, 1);
  Atomics.notify(control, CONTROL.finished);
}

/** Waits for a job other than the last. */
function nextJob(last: number): number {
  for (let look = 0; look < LOOKS; look++) {
    const job = Atomics.load(control, CONTROL.job);
    if (job !== last) return job;
  }
  for (;;) {
    const job = Atomics.load(control, CONTROL.job);
    if (job !== last) return job;
    Atomics.wait(control, CONTROL.job, last);
  }
}

function receiveInstances(): void {
  if (parentPort === null) throw new TypeError("a worker must have a parent");
  for (;;) {
    const received = receiveMessageOnPort(parentPort) as { message: InstanceMessage } | undefined;
    if (received === undefined) return;
    const { message } = received;
    if (message.module === null) instances.delete(message.id);
    else instances.set(message.id, instantiate(message, message.memory));
  }
}

function runShare(): void {
  const instance = instances.get(control[CONTROL.instance]);
  if (instance === undefined) throw new TypeError("a job must name an instance that was sent");
  const run = instance[RUNNERS[control[CONTROL.runner]]];
  const call = control[CONTROL.call];
  const lane = control[CONTROL.lanes + index];
  takeItems(control, (from, to) => run(call, lane, from, to));
}
