import { messageOf } from "../../src/core/errors.ts";
import type { BlockMessage, BlockTask, CheckTask } from "../../src/gate/block/block-task.ts";
import { checkCells } from "../../src/gate/block/check-cells.ts";
import { SideLost } from "../../src/gate/block/load-arm.ts";
import { measureBlock } from "../../src/gate/block/measure-block.ts";
import type { Ended } from "../../src/processes/run-process.ts";

/**
 * In place of `runProcess`, for tests of what is made of blocks: does the task here, where the code of the sides is loaded
 * once and not in every block. A process of its own costs a second, and a busy machine asks for three times as many.
 */
export async function* runProcess(
  task: BlockTask | CheckTask,
  _patience: number,
  signal: AbortSignal,
): AsyncGenerator<BlockMessage | Ended> {
  if (signal.aborted) {
    yield { kind: "ended", reason: "interrupted" };
    return;
  }
  const said: BlockMessage[] = [];
  const say = async (message: BlockMessage) => void said.push(message);
  try {
    await (task.kind === "check" ? checkCells(task, say) : measureBlock(task, say));
  } catch (thrown) {
    const side = thrown instanceof SideLost ? thrown.side : null;
    said.push({ kind: "lost", side, reason: messageOf(thrown) });
  }
  yield* said;
}
