import { parentPort, receiveMessageOnPort, Worker, workerData } from "node:worker_threads";
import { messageOf } from "../../core/errors.ts";
import type { Inbox, RunningWorker } from "../platform.ts";

export function startWorker(script: URL, start: unknown): RunningWorker {
  const worker = new Worker(script, { workerData: start });
  worker.unref();
  return {
    post: (message) => worker.postMessage(message),
    end: () => void worker.terminate(),
    onLost(told) {
      worker.once("error", (thrown) => told(messageOf(thrown)));
      worker.once("exit", (code) => told(`with code ${code}`));
    },
  };
}

export function asWorker<Start, Message>(work: (start: Start, inbox: Inbox<Message>) => void): void {
  const port = parentPort;
  if (port === null) throw new TypeError("a worker must have a parent");
  work(workerData, {
    take(receive) {
      for (;;) {
        const received = receiveMessageOnPort(port) as { message: Message } | undefined;
        if (received === undefined) return null;
        receive(received.message);
      }
    },
  });
}
