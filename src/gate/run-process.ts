import { type Ended, runProcess as runAny } from "../processes/run-process.ts";
import type { BlockMessage, BlockTask, CheckTask } from "./block/block-task.ts";

/**
 * Runs one task of a gate in a fresh process and yields what it says. The last value is `done`, `lost` or how the
 * process ended otherwise: killed, crashed, silent for more than `patience` seconds, or interrupted. It never
 * outlives the loop.
 */
export function runProcess(
  task: BlockTask | CheckTask,
  patience: number,
  signal: AbortSignal,
): AsyncGenerator<BlockMessage | Ended> {
  return runAny<BlockMessage>({
    // Compiled, this file and the process's end in .js.
    module: new URL(`./block/block-process${import.meta.url.slice(-3)}`, import.meta.url),
    execArgv: ["--expose-gc"],
    task,
    patience,
    signal,
    isLast: ({ kind }) => kind === "done" || kind === "lost",
  });
}
