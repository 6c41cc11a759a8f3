import { placeOf } from "../../compare/place.ts";
import { FailureError, printable } from "../../core/errors.ts";
import { blockNumbers } from "../../gate/judge/block-numbers.ts";
import { judgeRun } from "../../gate/judge/judge-run.ts";
import { cellName } from "../../history/cell-name.ts";
import { type ReadBlocks, readBlocks } from "../../record/read-blocks.ts";
import { cellOfTimes, type MeasuredEntry, measuredAt, refuseUnfitCells } from "./measured-entry.ts";

/**
 * The two entries of a gate's file of blocks, of base and of head: for each cell the median over the blocks that decided it.
 * Refuses a calibration, whose sides are one, and a gate whose times cannot be trusted.
 */
export function entriesOfGate(path: string): readonly MeasuredEntry[] {
  const blocks = readBlocks(path);
  const { gate } = blocks;
  const file = printable(path, 120);
  if (gate.plan.runs > 1 || gate.plan.inject > 0) {
    throw new FailureError(
      `history: ${file}: must be a gate's file of blocks, got that of a calibration, which measures one version against itself; add its runs instead`,
    );
  }
  const { spoiled } = judgeRun(blocks, 0, new Set());
  if (spoiled.length > 0) {
    throw new FailureError(
      `history: ${file}: times cannot be trusted, ${printable(spoiled[0], 200)}; run the gate again`,
    );
  }
  const place = placeOf(gate.environment);
  const measured = measuredAt(file, gate.started);
  return (["base", "head"] as const).map((side) => {
    const { commit, dirty } = gate[side];
    const where = `${file}, ${side}`;
    const cells = cellsOf(blocks, side);
    refuseUnfitCells(where, cells);
    return { where, side, commit, dirty, source: "gate", class: undefined, place, measured, cells };
  });
}

function cellsOf({ gate, lines }: ReadBlocks, side: "base" | "head"): MeasuredEntry["cells"] {
  const { input, tensors } = gate.plan;
  const blocks = lines.filter((line) => line.type === "block");
  const second = lines.find((line) => line.type === "stage" && line.stage === 2);
  const again = new Set(second?.type === "stage" ? second.cells : []);
  const wrong = new Set(wrongCells(lines));
  const cells = gate.plan.cells.flatMap((planned) => {
    if (wrong.has(planned.case)) return [];
    // Blocks of stage 1 chose the cells of stage 2, so that theirs are biased there.
    const stage = again.has(planned.case) ? 2 : 1;
    const own = blocks.filter((block) => block.stage === stage);
    const times = blockNumbers(own, planned.case, "head")[`${side}_s`];
    return times.length === 0 ? [] : [[cellName(planned, { input, tensors }), cellOfTimes(times)] as const];
  });
  return new Map(cells);
}

/** Cells that were found wrong on either side, also within a block. */
function wrongCells(lines: ReadBlocks["lines"]): readonly string[] {
  return lines.flatMap((line) => {
    if (line.type === "lost") return line.wrong && line.cell !== null ? [line.cell] : [];
    if (line.type !== "checked") return [];
    return line.base.outcome === "right" && line.head.outcome === "right" ? [] : [line.cell];
  });
}
