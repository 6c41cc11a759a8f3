import type { Kinds } from "../../mechanisms/kinds.ts";
import type { CellFacts } from "../../record/schema/block-lines.ts";
import { unlikeRows } from "../../verify/unlike-rows.ts";
import type { Arm } from "./arm.ts";
import type { CheckTask, Say } from "./block-task.ts";
import { loadArm, loadJudges } from "./load-arm.ts";

/**
 * Verifies every cell on both sides, as thoroughly as a run does, and then compares the two whole outputs
 * with one another.
 */
export async function checkCells(
  { places, simd, input, tensors, seed, cells }: CheckTask,
  say: Say,
): Promise<void> {
  const named = [...new Set(cells.map(({ kernel }) => kernel))];
  let judges: Kinds | undefined;
  const arms: { side: "base" | "head"; arm: Arm }[] = [];
  for (const side of ["base", "head"] as const) {
    await say({ kind: "begin", cell: null, side });
    judges ??= await loadJudges(places.base);
    arms.push({ side, arm: await loadArm(side, places[side], simd, judges, named) });
  }
  for (const cell of cells) {
    const facts: CellFacts[] = [];
    for (const { side, arm } of arms) {
      await say({ kind: "begin", cell: cell.case, side });
      const found = await arm.open({ cell, input, tensors, seed, rows: null });
      await say({ kind: "facts", side, facts: found });
      facts.push(found);
    }
    const [base, head] = convicted(
      facts,
      arms.map(({ arm }) => arm),
    );
    for (const { arm } of arms) arm.close();
    await say({ kind: "checked", line: { type: "checked", cell: cell.case, base, head } });
  }
  for (const { arm } of arms) await arm.end();
  await say({ kind: "done", load: 0 });
}

/** The facts, and what the reference says about the rows in which the two outputs differ most. */
function convicted(facts: readonly CellFacts[], arms: readonly Arm[]): readonly CellFacts[] {
  const [base, head] = arms.map((arm) => arm.output());
  if (base === null || head === null || base.length !== head.length) return facts;
  const outputs = arms[0].outputs();
  if (outputs === null) return facts;
  const rows = unlikeRows(base, head, outputs);
  if (rows.length === 0) return facts;
  return facts.map((one, index) => {
    const reason = arms[index].verifyRows(rows);
    return reason === null ? one : { ...one, outcome: "wrong", reason: `verification: ${reason}` };
  });
}
