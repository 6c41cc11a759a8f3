import { FLOAT_BYTES } from "../../../core/shape.ts";
import type { LaneWords, ScratchPlan } from "../call.ts";
import { GRADIENT_ROWS } from "../gradient/layout.ts";
import {
  MIXED_BLOCKS,
  MOST_HEAD_DIM,
  PANEL_KEYS,
  PANEL_QUERIES,
  PARTS,
  QUERY_ROW,
  SCORE_ROW,
  TILE,
} from "../layout.ts";
import { wholePanels } from "./chain-work.ts";
import type { MachineStep } from "./machine-step.ts";
import { wholeGroups } from "./matrices.ts";
import { wideWords } from "./plan-clusters.ts";

/** Scratch of one thread, as large as the largest step needs. */
export function planLane(plan: ScratchPlan, steps: readonly MachineStep[]): LaneWords {
  const most = (of: (step: MachineStep) => number): number => Math.max(0, ...steps.map(of));
  const back = steps.filter(attendsBack);
  const rows = back.length > 0 ? GRADIENT_ROWS : TILE.queries;
  // Tiles of some rows stay open together.
  const openRows = back.length > 0 ? 2 * rows : rows;
  const mostBack = (of: (step: MachineStep) => number): number => Math.max(0, ...back.map(of));
  return {
    queries: plan.words((rows * QUERY_ROW) / FLOAT_BYTES),
    scores: plan.words((openRows * SCORE_ROW) / FLOAT_BYTES),
    output: plan.words(
      Math.max(TILE.queries * most((step) => numberOf(step, "width")), rows * mostBack(keyWidth)),
    ),
    maximum: plan.words(rows),
    total: plan.words(rows),
    ...(back.length > 0 && {
      means: plan.words(4 * rows),
      pairSums: plan.words(4 * rows),
      products: plan.words((openRows * SCORE_ROW) / FLOAT_BYTES),
      douts: plan.words((mostBack(valueCount) * rows * QUERY_ROW) / FLOAT_BYTES),
      keySums: plan.words(PANEL_QUERIES * (MOST_HEAD_DIM + PANEL_KEYS.wide)),
      keyRows: plan.words(TILE.columns * mostBack((step) => keyWidth(step) + numberOf(step, "width"))),
    }),
    floors: plan.words(PANEL_QUERIES),
    parts: plan.words(PARTS),
    scratch: plan.words(8),
    panels: plan.words(most((step) => packedKeys(step) * numberOf(step, "channels"))),
    classValues: plan.words(
      most((step) => {
        return step.kind === "spreadBest" || step.kind === "gatherMeans" || step.kind === "gatherBack"
          ? packedKeys(step) * numberOf(step, "width")
          : 0;
      }),
    ),
    state: plan.words(most(stateWords)),
  };
}

function attendsBack({ kind }: MachineStep): boolean {
  return kind === "attendBack" || kind === "gatherMeans" || kind === "gatherBack";
}

/** Floats of a row of what is summed for a key, up to whole panels. */
function keyWidth(step: MachineStep): number {
  return wholePanels(numberOf(step, "channels"), PANEL_KEYS.wide);
}

function valueCount({ words }: MachineStep): number {
  return words.each?.values?.length ?? 0;
}

/** A word that is a number. */
function numberOf({ words }: MachineStep, name: "width" | "channels" | "size" | "partialBytes"): number {
  const value = words[name];
  return typeof value === "number" ? value : 0;
}

/** Keys that a step packs for itself. */
function packedKeys(step: MachineStep): number {
  if (["gather", "gatherMeans", "gatherBack", "mixBlocks"].includes(step.kind)) return TILE.columns;
  if (step.kind === "attendBlocks") return 2 * wholePanels(numberOf(step, "size"), PANEL_KEYS.wide);
  return step.kind === "spreadBest" ? wholePanels(numberOf(step, "size"), PANEL_KEYS.wide) : 0;
}

/** Words of a product's sum over some rows, or of some blocks, or of what is computed in float64. */
function stateWords(step: MachineStep): number {
  if (step.kind === "outer") return numberOf(step, "partialBytes") / FLOAT_BYTES;
  const { by } = step.words;
  if (typeof by !== "object" || !("matrix" in by) || by.matrix === undefined) return 0;
  const { rows, columns } = by.matrix;
  if (step.kind === "mixBlocks")
    return wholeGroups(Math.min(rows, MIXED_BLOCKS)) * numberOf(step, "channels");
  // Planes have their thresholds in one more column.
  return step.kind === "hash" ? wideWords("hash", rows, columns - 1) : wideWords(step.kind, rows, columns);
}
