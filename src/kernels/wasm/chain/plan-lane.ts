import { FLOAT_BYTES } from "../../../core/shape.ts";
import type { LaneWords, ScratchPlan } from "../call.ts";
import { MIXED_BLOCKS, PANEL_KEYS, PANEL_QUERIES, PARTS, QUERY_ROW, SCORE_ROW, TILE } from "../layout.ts";
import { wholePanels } from "./chain-work.ts";
import type { MachineStep } from "./machine-step.ts";
import { wholeGroups } from "./matrices.ts";
import { wideWords } from "./plan-clusters.ts";

/** Scratch of one thread, as large as the largest step needs. */
export function planLane(plan: ScratchPlan, steps: readonly MachineStep[]): LaneWords {
  const most = (of: (step: MachineStep) => number): number => Math.max(0, ...steps.map(of));
  return {
    queries: plan.words((TILE.queries * QUERY_ROW) / FLOAT_BYTES),
    scores: plan.words((TILE.queries * SCORE_ROW) / FLOAT_BYTES),
    output: plan.words(TILE.queries * most((step) => numberOf(step, "width"))),
    maximum: plan.words(TILE.queries),
    total: plan.words(TILE.queries),
    floors: plan.words(PANEL_QUERIES),
    parts: plan.words(PARTS),
    scratch: plan.words(8),
    panels: plan.words(most((step) => packedKeys(step) * numberOf(step, "channels"))),
    classValues: plan.words(
      most((step) => (step.kind === "spreadBest" ? packedKeys(step) * numberOf(step, "width") : 0)),
    ),
    state: plan.words(most(stateWords)),
  };
}

/** A word that is a number. */
function numberOf({ words }: MachineStep, name: "width" | "channels" | "size" | "partialBytes"): number {
  const value = words[name];
  return typeof value === "number" ? value : 0;
}

/** Keys that a step packs for itself. */
function packedKeys(step: MachineStep): number {
  if (step.kind === "gather" || step.kind === "mixBlocks") return TILE.columns;
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
