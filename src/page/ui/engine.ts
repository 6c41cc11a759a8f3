import type { PageChoices } from "../choices.ts";
import type { EngineTells, PageAsks } from "../protocol.ts";
import { scriptWorker } from "./script-worker.ts";

/** The engine in its worker. */
export interface Engine {
  run(choices: PageChoices): void;
  /** Ends the run when the call under way has ended. */
  stop(): void;
  /** Ends it at once, whatever it does, and starts another. */
  restart(): void;
}

/**
 * Starts the engine and asks what it can measure. A worker that breaks is told as `failed`, as a fault of the engine's own
 * is, and replaced.
 */
export function startEngine(script: string, hear: (told: EngineTells) => void): Engine {
  let worker = begin();
  function begin(): Worker {
    const one = scriptWorker("engine", script);
    // What a worker still says when it was replaced is of no interest.
    const tell = (told: EngineTells) => {
      if (one === worker) hear(told);
    };
    one.addEventListener("message", ({ data }: MessageEvent<EngineTells>) => tell(data));
    one.addEventListener("error", (event) => {
      event.preventDefault();
      const isCurrent = one === worker;
      tell({ tell: "failed", why: event.message || "the engine's script could not be started" });
      if (isCurrent) restart();
    });
    ask(one, { ask: "describe" });
    return one;
  }
  function restart(): void {
    worker.terminate();
    worker = begin();
  }
  return {
    run: (choices) => ask(worker, { ask: "run", choices }),
    stop: () => ask(worker, { ask: "stop" }),
    restart,
  };
}

function ask(worker: Worker, asked: PageAsks): void {
  worker.postMessage(asked);
}
