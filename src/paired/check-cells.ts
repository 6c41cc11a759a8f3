import type { CellFacts } from "../core/block-lines.ts";
import { ArmHandle } from "./arm-handle.ts";
import type { BlockMessage, CheckTask } from "./block-task.ts";

/** Puts every cell through the correctness gate on both sides, as thoroughly as a run does. */
export async function checkCells(
  task: CheckTask,
  say: (message: BlockMessage) => Promise<void>,
): Promise<void> {
  const { base: basePlace, head: headPlace, simd, input, seed, cells } = task;
  const arms = [
    new ArmHandle("base", { place: basePlace, simd, padding: 0 }),
    new ArmHandle("head", { place: headPlace, simd, padding: 0 }),
  ];
  for (const arm of arms) await arm.loaded;
  for (const cell of cells) {
    await say({ kind: "begin", cell: cell.case });
    const facts: CellFacts[] = [];
    for (const arm of arms) {
      facts.push(await arm.open({ cell, input, seed, rows: null }));
      await arm.close();
    }
    const [base, head] = facts;
    await say({ kind: "checked", line: { type: "checked", cell: cell.case, base, head } });
  }
  await say({ kind: "done", load: 0 });
}
