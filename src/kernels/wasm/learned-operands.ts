import type { Problem } from "../../core/problem.ts";
import { FLOAT_BYTES } from "../../core/shape.ts";
import { tensorNamed } from "../../core/tensors.ts";
import { fullPairs } from "../../core/work.ts";
import type { SoftmaxPattern } from "../../mechanisms/softmax-pattern/declare.ts";
import { LEARNED, type Logits } from "../../mechanisms/synthesizer/declare.ts";
import { everything } from "../../pattern/band.ts";
import type { CallWords, LaneWords, ScratchPlan } from "./call.ts";
import { planWeights } from "./call-weights.ts";
import { ACTIVATION, PANEL_QUERIES, panelRows, QUERY_ROW, TILE } from "./layout.ts";
import type { Means } from "./means.ts";
import type { PlanOperands } from "./softmax-kernel.ts";

/** What softmax attention of learned operands is to the tile kernel. */
export const ATTENTION: SoftmaxPattern = { kind: "softmaxPattern", pattern: everything(), scale: 1 };

/** Floats of a row of queries and keys; none where scores are given. */
export function operandWidth(logits: Logits, headDim: number): number {
  if (logits.kind === "table") return 0;
  return logits.kind === "dense" ? headDim : logits.rank;
}

/**
 * The queries and keys of a synthesizer, or its scores: what was learned, the same in all batch entries, and read in place where it
 * lies in the memory of the call. Queries of the dense form are made of q, group by group of rows.
 */
export function learnedOperands(
  problem: Problem,
  logits: Logits,
  { output, build: { panelKeys } }: Pick<Means, "output" | "build">,
): PlanOperands {
  const { inputs } = problem;
  const { heads, length, headDim } = problem.shape;
  const width = operandWidth(logits, headDim);
  const row = (head: number): number => head * length * width;
  return (plan, lanes) => {
    const planned = planWeights(inputs, output, namesOf(logits), plan);
    const panels = logits.kind === "dense" ? planPanels(heads, width, panelKeys, plan) : null;
    return {
      lanes: Array.from({ length: lanes }, () => laneOf(logits, plan)),
      ...workOf(problem, logits, panelKeys),
      place(call) {
        const weights = planned(call);
        const placed = panels && {
          floats: call.arena.floats(call.place(panels.at), heads * panels.words),
          at: (head: number) => call.place(panels.at) + head * panels.words * FLOAT_BYTES,
        };
        if (logits.kind === "table") {
          call.set({ activation: ACTIVATION.given, tableRow: length * FLOAT_BYTES });
        }
        const words = Array.from({ length: heads }, (_, head): CallWords => {
          if (logits.kind === "table") return { k: weights.at(LEARNED.table, head * length ** 2) };
          if (placed !== null) {
            return { k: weights.at(LEARNED.ofHidden, row(head)), projection: placed.at(head) };
          }
          return { q: weights.at(LEARNED.ofQueries, row(head)), k: weights.at(LEARNED.ofKeys, row(head)) };
        });
        return {
          refresh() {
            weights.refresh();
            if (placed !== null) {
              packRows(tensorNamed(inputs, LEARNED.hidden), heads, width, panelKeys, placed.floats);
            }
          },
          ofHead: (head) => words[head],
        };
      },
    };
  };
}

/** What the tile kernel does not count: reading a table, and making queries, whole panels counted. */
function workOf(
  { shape, causal }: Problem,
  { kind }: Logits,
  panelKeys: number,
): { flops: number; bytes: number } {
  const { batch, heads, length, headDim } = shape;
  if (kind === "table") return { flops: 0, bytes: FLOAT_BYTES * batch * heads * fullPairs(shape, causal) };
  if (kind === "factors") return { flops: 0, bytes: 0 };
  const columns = Math.ceil(headDim / panelKeys) * panelKeys;
  let rows = 0;
  for (let row = 0; row < length; row += PANEL_QUERIES) rows += panelRows(length - row);
  return { flops: 2 * batch * heads * rows * columns * headDim, bytes: FLOAT_BYTES * heads * headDim ** 2 };
}

/** The inputs that the module reads as they are. */
function namesOf({ kind }: Logits): readonly string[] {
  switch (kind) {
    case "table":
      return [LEARNED.table];
    case "factors":
      return [LEARNED.ofQueries, LEARNED.ofKeys];
    case "dense":
      return [LEARNED.ofHidden];
    default:
      return kind satisfies never;
  }
}

function laneOf({ kind }: Logits, plan: ScratchPlan): LaneWords {
  if (kind === "table") return { rowPlaces: plan.words(TILE.queries) };
  return kind === "dense" ? { projected: plan.words((TILE.queries * QUERY_ROW) / FLOAT_BYTES) } : {};
}

/** Room for matrices `[heads, width, width]` whose rows are packed. */
export function planPanels(heads: number, width: number, panelKeys: number, plan: ScratchPlan) {
  const words = Math.ceil(width / panelKeys) * panelKeys * width;
  return { words, at: plan.words(heads * words) };
}

/**
 * Packs the rows of square matrices, `[heads, width, width]`, as `assembly/pack.ts` packs keys: `[heads, row / panelKeys, width,
 * panelKeys]`. What the last panel has beyond them is never looked at.
 */
export function packRows(
  matrices: Float32Array,
  heads: number,
  width: number,
  panelKeys: number,
  to: Float32Array,
): void {
  const panels = Math.ceil(width / panelKeys);
  for (let head = 0; head < heads; head++) {
    for (let row = 0; row < width; row++) {
      const panel = head * panels + Math.floor(row / panelKeys);
      const at = panel * panelKeys * width + (row % panelKeys);
      const from = (head * width + row) * width;
      for (let i = 0; i < width; i++) to[at + i * panelKeys] = matrices[from + i];
    }
  }
}
