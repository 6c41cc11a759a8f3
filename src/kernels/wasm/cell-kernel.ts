import type { Problem } from "../../core/problem.ts";
import { tensorNamed } from "../../core/tensors.ts";
import { type Cell, isLearned } from "../../mechanisms/cell/declare.ts";
import { leastBytes } from "../cell-bytes.ts";
import type { Runnable } from "../kernel.ts";
import { Call, ScratchPlan } from "./call.ts";
import { planCells } from "./cell-scratch.ts";
import { CELL_TOKENS, ITEM_WORDS, PANEL_QUERIES, panelRows } from "./layout.ts";
import type { Means } from "./means.ts";
import { phaseRunner } from "./run-phases.ts";

/** The fewest channels that threads take by themselves, two lines: less of a row is not worth fetching a line for. */
const LEAST_CHANNELS = 32;

/** Recurrent cells: an item for each head of each batch entry, or for some of its channels where these are independent. */
export function prepareCell(problem: Problem, mechanism: Cell, means: Means): Runnable {
  const { shape, inputs, threads } = problem;
  const { batch, heads, length, headDim } = shape;
  const { build } = means;
  const plan = new ScratchPlan();
  const cells = planCells(mechanism, shape, build, plan);
  const channels = isLearned(mechanism) ? headDim : channelsOfItem(batch * heads, headDim, threads);
  const items = cellItems(batch * heads, headDim, channels);
  const itemsAt = plan.words(items.length);
  const lanes = Array.from({ length: threads }, cells.lane);
  const call = new Call(plan, inputs, means.output, lanes);
  call.copy(itemsAt, items);
  call.set({ length, d: headDim, cellChannels: channels, ...cells.words((planned) => call.place(planned)) });
  call.pointAt(0, 0);
  const weights = call.arena.floats(call.place(cells.weights), cells.weightFloats);
  // Memory that was another call's may hold anything.
  weights.fill(0);
  const learned = isLearned(mechanism) ? { w: tensorNamed(inputs, "w"), u: tensorNamed(inputs, "u") } : null;

  const runner = phaseRunner(call, build, "runCellItems", means.pool);
  const phases = call.phases(itemsAt, [items.length]);
  return {
    run() {
      if (learned !== null) cells.pack(learned.w, learned.u, weights);
      runner.run(phases);
    },
    ...call.copied,
    output: () => call.output,
    workspaceBytes: call.workspaceBytes,
    executedFlops: batch * heads * headFlops(mechanism, length, headDim, cells.columns),
    bytes: leastBytes(mechanism, shape),
    dispose: () => runner.dispose(),
  };
}

/** All of a head, unless there are fewer heads than threads. */
export function channelsOfItem(slices: number, headDim: number, threads: number): number {
  const parts = Math.ceil(threads / slices);
  const each = Math.ceil(headDim / parts / 8) * 8;
  return Math.min(headDim, Math.max(LEAST_CHANNELS, each));
}

/** Items of all heads of all batch entries: which of them, and its first channel. */
export function cellItems(slices: number, headDim: number, channels: number): Int32Array {
  const parts = Math.ceil(headDim / channels);
  const items = new Int32Array(slices * parts * ITEM_WORDS);
  for (let item = 0; item < slices * parts; item++) {
    items[item * ITEM_WORDS] = Math.floor(item / parts);
    items[item * ITEM_WORDS + 1] = (item % parts) * channels;
  }
  return items;
}

/**
 * Operations of one head, whole panels and vectors counted. Gates that are given: of minGRU `1 + e^-k`, a division, the
 * product that is what is kept, and a blend of two products and a sum; of minLSTM three sums, a division and two products,
 * and the blend.
 */
function headFlops(mechanism: Cell, length: number, headDim: number, columns: number): number {
  const padded = Math.ceil(headDim / 8) * 8;
  if (!isLearned(mechanism)) return (mechanism.cell === "min-gru" ? 6 : 9) * length * padded;
  const rest = length % CELL_TOKENS;
  const whole = length - rest;
  return 2 * headDim * columns * (whole + rowsComputed(rest) + length);
}

/** Rows that panels of `count` rows compute. */
function rowsComputed(count: number): number {
  let rows = 0;
  for (let row = 0; row < count; row += PANEL_QUERIES) rows += panelRows(count - row);
  return rows;
}
