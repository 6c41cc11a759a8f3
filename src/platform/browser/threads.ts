import type { Inbox, RunningWorker } from "../platform.ts";

/**
 * Threads that run and were not yet given any work. A browser starts one only between turns of the event loop of who
 * started it, while kernels ask for threads and wait for them: they must be there before.
 */
const idle: Worker[] = [];

/** Seconds that they may take to start. */
const START_S = 20;

/**
 * Sees to it that so many threads wait for work, and resolves once they do. Throws an Error if one of them does not start;
 * the others that were started for this call are then ended.
 */
export async function prepareWorkers(script: URL, count: number): Promise<void> {
  const missing = Math.max(0, count - idle.length);
  const workers: Worker[] = [];
  try {
    // A browser may refuse to make one, also when others were made.
    for (let made = 0; made < missing; made++) workers.push(new Worker(script));
    await Promise.all(workers.map(started));
  } catch (thrown) {
    for (const worker of workers) worker.terminate();
    throw thrown;
  }
  idle.push(...workers);
}

/** Resolves once the thread waits for work. */
function started(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`a thread did not start in ${START_S} s; ask for fewer --threads`)),
      1000 * START_S,
    );
    worker.onmessage = () => {
      clearTimeout(timer);
      worker.onmessage = null;
      resolve();
    };
    worker.onerror = ({ message }) => {
      clearTimeout(timer);
      reject(new Error(`a thread did not start, ${message}`));
    };
    // What is posted before its script has run to its end waits for a turn of this thread's event loop: the answer shows
    // that it has.
    worker.postMessage(null);
  });
}

export function startWorker(_script: URL, start: unknown): RunningWorker {
  const worker = idle.pop();
  if (worker === undefined) throw new Error("threads must be prepared before a kernel asks for them");
  worker.postMessage(start);
  return {
    post: (message) => worker.postMessage(message),
    end: () => worker.terminate(),
    onLost(told) {
      worker.onerror = ({ message }) => told(message);
    },
  };
}

/** The first message asks whether the thread is there, the second is what it is started with. */
export function asWorker<Start, Message>(work: (start: Start, inbox: Inbox<Message>) => void): void {
  const posted: Message[] = [];
  let taken = 0;
  let heard = 0;
  let wake: (() => void) | null = null;
  const inbox: Inbox<Message> = {
    take(receive, total) {
      for (const message of posted.splice(0)) {
        receive(message);
        taken++;
      }
      if (taken >= total) return null;
      return new Promise((resolve) => {
        wake = resolve;
      });
    },
  };
  addEventListener("message", ({ data }) => {
    heard++;
    if (heard === 1) return postMessage(null);
    if (heard === 2) return work(data, inbox);
    posted.push(data);
    wake?.();
    wake = null;
  });
}
