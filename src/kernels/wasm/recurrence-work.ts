import { FLOAT_BYTES, type Shape } from "../../core/shape.ts";
import type { Recurrence } from "../../mechanisms/recurrence/declare.ts";
import { rowsComputed } from "./feature-panels.ts";
import { PANEL_QUERIES, panelRows } from "./layout.ts";
import { chunkOf, type RecurrencePlan } from "./recurrence-plan.ts";

/** What the counts depend on. */
interface CountedRecurrence {
  readonly mechanism: Recurrence;
  readonly shape: Shape;
  readonly segmentTokens: number;
  /** Tokens that are taken in once more before, by threads that begin in the middle of a slice. */
  readonly summed: number;
}

/**
 * Operations of one slice, with whole panels counted: products with the state, products of a chunk's own tokens, and those of
 * gates with keys. A segment adds what is before it.
 */
export function recurrenceFlops(
  plan: RecurrencePlan,
  { mechanism, shape, segmentTokens, summed }: CountedRecurrence,
  panelKeys: number,
): number {
  const { headDim, length } = shape;
  const { width, byChannel, stepwise } = plan;
  const chunk = chunkOf(plan);
  const erases = mechanism.erase !== null;
  let flops = 0;
  for (let first = 0; first < length; first += chunk) {
    const count = Math.min(chunk, length - first);
    const rows = rowsComputed(count);
    if (stepwise) {
      flops += 7 * count * width * headDim + gateFlops(plan, headDim, count, mechanism, panelKeys);
      continue;
    }
    flops += (erases ? 2 : 1) * 2 * rows * width * headDim;
    flops += written(plan, headDim, count, mechanism, panelKeys);
    flops += byChannel
      ? pairFlops(plan, count, erases)
      : triangleFlops(headDim, count, panelKeys) * (erases ? 2 : 1);
    for (let row = 0; row < count; row += PANEL_QUERIES) {
      const keys = Math.min(count, row + PANEL_QUERIES);
      flops += 2 * panelRows(count - row) * width * (keys + (erases ? row : 0));
    }
    if (first >= segmentTokens) flops += 2 * headDim * width;
    if (first < summed) {
      flops += written(plan, headDim, count, mechanism, panelKeys);
      if (byChannel) flops += ((count * (count - 1)) / 2) * plan.channels;
    }
  }
  return flops;
}

/** What a chunk costs to be written into the state: its decay, its products, and those of its gates. */
function written(
  plan: RecurrencePlan,
  headDim: number,
  count: number,
  mechanism: Recurrence,
  panelKeys: number,
): number {
  const made = gateFlops(plan, headDim, count, mechanism, panelKeys);
  return headDim * plan.width + 2 * rowsComputed(headDim) * plan.width * count + made;
}

/** Products of gates with the keys of so many tokens. */
export function gateFlops(
  plan: RecurrencePlan,
  headDim: number,
  count: number,
  { decay, write }: Recurrence,
  panelKeys: number,
): number {
  const gate = (perChannel: boolean): number =>
    perChannel
      ? 2 * rowsComputed(count) * Math.ceil(headDim / panelKeys) * panelKeys * headDim
      : 2 * count * plan.channels;
  const made = [
    "stream" in decay && write.form !== "given-step" ? gate(plan.decayPerChannel) : 0,
    "stream" in write ? gate(plan.writePerChannel) : 0,
  ];
  return made[0] + made[1];
}

/** Scores of the panels on and below the diagonal of a chunk. */
export function triangleFlops(headDim: number, count: number, panelKeys: number): number {
  let flops = 0;
  for (let row = 0; row < count; row += PANEL_QUERIES) {
    const panels = Math.ceil(Math.min(count, row + PANEL_QUERIES) / panelKeys);
    flops += 2 * panelRows(count - row) * panels * panelKeys * headDim;
  }
  return flops;
}

/** The same pair by pair: a decay of each channel, and a product or two. */
export function pairFlops({ channels }: RecurrencePlan, count: number, erases: boolean): number {
  const before = (count * (count - 1)) / 2;
  return channels * (before * (erases ? 5 : 3) + 2 * count);
}

/**
 * Bytes of the inputs and the output that a slice reads and writes. A chunk reads v for its own tokens and for the state, unless it
 * makes other values of it first, and once more if v goes past the state.
 */
export function recurrenceBytes(
  plan: RecurrencePlan,
  { mechanism, shape, summed }: CountedRecurrence,
): number {
  const { headDim, valueDim, length } = shape;
  const { decay, write, erase, skip } = mechanism;
  const given = decay.form === "given" ? (plan.decayPerChannel ? headDim : 1) : 0;
  const perToken = given + (write.form === "given" || write.form === "given-step" ? 1 : 0);
  const values = 2 + (erase === null ? 1 : 0) + (skip === 0 ? 0 : 1);
  const reads = 2 * headDim + values * valueDim + perToken;
  return FLOAT_BYTES * (length * reads + summed * (headDim + valueDim + perToken));
}
