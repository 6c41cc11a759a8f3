import { type ChildProcess, fork } from "node:child_process";
import type { BlockMessage, BlockTask, CheckTask } from "./block/block-task.ts";

/** How a process that did not say `done` ended. */
export interface Ended {
  readonly kind: "ended";
  readonly reason: string;
}

/** Characters kept of what a process prints to its standard error. */
const KEPT = 2000;

/**
 * Runs one task in a fresh process and yields what it says. The last value is `done`, `lost` or how the
 * process ended otherwise: killed, crashed, silent for more than `patience` seconds, or interrupted. It never
 * outlives the loop.
 */
export async function* runProcess(
  task: BlockTask | CheckTask,
  patience: number,
  signal: AbortSignal,
): AsyncGenerator<BlockMessage | Ended> {
  // Compiled, this file and the process's end in .js.
  const child = fork(new URL(`./block/block-process${import.meta.url.slice(-3)}`, import.meta.url), {
    execArgv: ["--expose-gc"],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const heard = listen(child, signal);
  try {
    child.send(task);
    for (;;) {
      const message = await heard.next(patience);
      yield message;
      if (message.kind === "done" || message.kind === "lost" || message.kind === "ended") return;
    }
  } finally {
    heard.stop();
    child.kill("SIGKILL");
  }
}

/** A child's messages in order, with an end in every case. */
function listen(child: ChildProcess, signal: AbortSignal) {
  const queue: (BlockMessage | Ended)[] = [];
  let wake: (() => void) | null = null;
  let stderr = "";
  const push = (message: BlockMessage | Ended) => {
    queue.push(message);
    wake?.();
  };
  const end = (reason: string) => push({ kind: "ended", reason });
  const interrupt = () => end("interrupted");
  child.on("message", (message) => push(message as BlockMessage));
  child.on("error", (error) => end(error.message));
  child.stderr?.on("data", (chunk) => {
    stderr = (stderr + String(chunk)).slice(-KEPT);
  });
  // After `close` there are no more messages.
  child.on("close", (code, killed) => {
    const said = stderr.trim() === "" ? "" : `: ${stderr.trim().split("\n").slice(-1)[0]}`;
    end(`its process ended, ${killed === null ? `code ${code}` : `killed by ${killed}`}${said}`);
  });
  if (signal.aborted) interrupt();
  else signal.addEventListener("abort", interrupt, { once: true });
  return {
    async next(patience: number): Promise<BlockMessage | Ended> {
      const first = queue.shift();
      if (first !== undefined) return first;
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      const timer = setTimeout(() => end(`it said nothing for ${Math.round(patience)} s`), patience * 1000);
      await promise;
      clearTimeout(timer);
      wake = null;
      return queue.shift() ?? { kind: "ended", reason: "it ended" };
    },
    stop: () => signal.removeEventListener("abort", interrupt),
  };
}
