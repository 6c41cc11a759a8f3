import type { CellFacts } from "../core/block-lines.ts";
import type { CheckTask, Say } from "./block-task.ts";
import { loadArm } from "./load-arm.ts";

/** Puts every cell through the correctness gate on both sides, as thoroughly as a run does. */
export async function checkCells({ places, simd, input, seed, cells }: CheckTask, say: Say): Promise<void> {
  const arms = [];
  for (const side of ["base", "head"] as const) {
    await say({ kind: "begin", cell: null, side });
    arms.push({ side, arm: await loadArm(side, places[side], simd) });
  }
  for (const cell of cells) {
    const facts: CellFacts[] = [];
    for (const { side, arm } of arms) {
      await say({ kind: "begin", cell: cell.case, side });
      facts.push(arm.open({ cell, input, seed, rows: null }));
      arm.close();
    }
    const [base, head] = facts;
    await say({ kind: "checked", line: { type: "checked", cell: cell.case, base, head } });
  }
  await say({ kind: "done", load: 0 });
}
