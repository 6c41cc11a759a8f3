import { type ChildProcess, fork, type Serializable } from "node:child_process";

/** How a process that did not say its last word ended. */
export interface Ended {
  readonly kind: "ended";
  readonly reason: string;
}

/** What is asked of a process. */
export interface Asked<Message> {
  /** The module that it runs. */
  readonly module: URL;
  readonly execArgv?: readonly string[];
  readonly task: Serializable;
  /** Seconds of silence after which it is given up. */
  readonly patience: number;
  readonly signal: AbortSignal;
  /** Whether a message is its last. */
  isLast(message: Message): boolean;
}

/** Characters kept of what a process prints to its standard error. */
const KEPT = 2000;

/**
 * Runs one task in a fresh process and yields what it says. The last value is its last message, or how the process ended
 * otherwise: killed, crashed, silent for too long, or interrupted. It never outlives the loop.
 */
export async function* runProcess<Message>({
  module,
  execArgv = [],
  task,
  patience,
  signal,
  isLast,
}: Asked<Message>): AsyncGenerator<Message | Ended, void, void> {
  const child = fork(module, { execArgv: [...execArgv], stdio: ["ignore", "ignore", "pipe", "ipc"] });
  const heard = listen<Message>(child, signal);
  try {
    child.send(task);
    for (;;) {
      const { message, ended } = await heard.next(patience);
      yield ended ?? message;
      if (ended !== undefined || isLast(message)) return;
    }
  } finally {
    heard.stop();
    child.kill("SIGKILL");
  }
}

/** What is heard of a process: a message, or its end. */
type Heard<Message> =
  | { readonly message: Message; readonly ended?: undefined }
  | { readonly message?: undefined; readonly ended: Ended };

/** A child's messages in order, with an end in every case. */
function listen<Message>(child: ChildProcess, signal: AbortSignal) {
  const queue: Heard<Message>[] = [];
  let wake: (() => void) | null = null;
  let stderr = "";
  const push = (one: Heard<Message>) => {
    queue.push(one);
    wake?.();
  };
  const end = (reason: string) => push({ ended: { kind: "ended", reason } });
  const interrupt = () => end("interrupted");
  child.on("message", (message) => push({ message: message as Message }));
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
    async next(patience: number): Promise<Heard<Message>> {
      const first = queue.shift();
      if (first !== undefined) return first;
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      const timer = setTimeout(() => end(`it said nothing for ${Math.round(patience)} s`), patience * 1000);
      await promise;
      clearTimeout(timer);
      wake = null;
      return queue.shift() ?? { ended: { kind: "ended", reason: "it ended" } };
    },
    stop: () => signal.removeEventListener("abort", interrupt),
  };
}
