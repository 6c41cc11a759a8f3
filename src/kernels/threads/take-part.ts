import { platform } from "../../platform/here.ts";
import { CLOSED, LOOKS, SIGNAL, type WorkerStart } from "./signals.ts";

/** What a worker of a family does. */
export interface WorkerDuties<Message> {
  /** Learns what jobs refer to. Done before each job, whether or not the worker takes part in it. */
  receive(message: Message): void;
  /** Does its share of the job. */
  share(): void;
}

/**
 * Waits for jobs and takes part in them, for ever: a worker returns to its event loop only where messages come no other
 * way. `dutiesOf` is asked once, for what it does.
 */
export function takePart<Message>(dutiesOf: (start: WorkerStart) => WorkerDuties<Message>): void {
  platform.asWorker<WorkerStart, Message>((start, inbox) => {
    const { control, index, missed } = start;
    const { receive, share } = dutiesOf(start);
    Atomics.add(control, SIGNAL.ready, 1);
    Atomics.notify(control, SIGNAL.ready);
    const workFrom = (job: number): void => {
      for (;;) {
        const next = nextJob(control, job);
        // Also by those that take no part in this job, or they would keep memories that are no longer needed.
        const late = inbox.take(receive, Atomics.load(control, SIGNAL.posted) - missed);
        if (late !== null) {
          void late.then(() => workFrom(job));
          return;
        }
        job = next;
        if (index < (job & 0xff) && join(control, job >>> 8)) doShare(control, share);
      }
    };
    workFrom(0);
  });
}

function doShare(control: Int32Array, share: () => void): void {
  try {
    share();
  } catch {
    Atomics.add(control, SIGNAL.failed, 1);
  }
  Atomics.add(control, SIGNAL.finished, 1);
  Atomics.notify(control, SIGNAL.finished);
}

/** Waits for a job other than the last. */
function nextJob(control: Int32Array, last: number): number {
  for (let look = 0; look < LOOKS; look++) {
    const job = Atomics.load(control, SIGNAL.job);
    if (job !== last) return job;
  }
  for (;;) {
    const job = Atomics.load(control, SIGNAL.job);
    if (job !== last) return job;
    Atomics.wait(control, SIGNAL.job, last);
  }
}

/** Takes part in a job, unless it was closed: then all its items are taken, and nobody waits for this thread. */
function join(control: Int32Array, job: number): boolean {
  for (;;) {
    const joined = Atomics.load(control, SIGNAL.joined);
    if (joined === CLOSED || joined >>> 8 !== job) return false;
    if (Atomics.compareExchange(control, SIGNAL.joined, joined, joined + 1) === joined) return true;
  }
}
