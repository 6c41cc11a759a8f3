import { enableCompileCache } from "node:module";
import process from "node:process";
import { Worker } from "node:worker_threads";
import { messageOf } from "../../core/errors.ts";
import type { BlockMessage, BlockTask, CheckTask } from "./block-task.ts";
import { checkCells } from "./check-cells.ts";
import { SideLost } from "./load-arm.ts";
import { measureBlock } from "./measure-block.ts";

/** A process of a gate: takes one task, says what it finds, and ends. */
enableCompileCache();

// The parent has been killed: nobody waits for the rest. Compiled, this file and the thread's end in .js.
process.once("disconnect", () => process.exit(1));
new Worker(new URL(`./watchdog${import.meta.url.slice(-3)}`, import.meta.url)).unref();

process.once("message", async (task: BlockTask | CheckTask) => {
  try {
    await (task.kind === "check" ? checkCells(task, say) : measureBlock(task, say));
  } catch (thrown) {
    const side = thrown instanceof SideLost ? thrown.side : null;
    await say({ kind: "lost", side, reason: messageOf(thrown) });
  }
  // Threads of kernels, and whatever a plug-in left behind, end with it.
  process.exit(0);
});

/** Resolves when the message has left: messages keep their order, so that the last one vouches for all. */
function say(message: BlockMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined) resolve();
    else process.send(message, undefined, {}, () => resolve());
  });
}
