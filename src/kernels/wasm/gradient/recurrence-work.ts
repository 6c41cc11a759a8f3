import { FLOAT_BYTES, type Shape } from "../../../core/shape.ts";
import type { Recurrence } from "../../../mechanisms/recurrence/declare.ts";
import { rowsComputed } from "../feature-panels.ts";
import { PANEL_QUERIES, panelRows } from "../layout.ts";
import { chunkOf, type RecurrencePlan } from "../recurrence-plan.ts";
import { gateFlops, pairFlops, triangleFlops } from "../recurrence-work.ts";
import { ERASED_SPAN } from "./recurrence-layout.ts";

/** What the counts depend on. */
interface CountedBackward {
  readonly mechanism: Recurrence;
  readonly shape: Shape;
  readonly segmentTokens: number;
  /** The first token of those that are taken in once more before, by threads that begin in the middle of a slice. */
  readonly summedFrom: number;
}

/**
 * Operations on a pair of tokens in one channel, where channels decay by themselves: a share, what a row reads of it, and what a
 * second row reads of the same.
 */
const PAIR_FLOPS = { decay: 1, read: 9, again: 8 } as const;

/**
 * Operations of one slice, with whole panels counted: scores and what is written once more, products with the state and with its
 * gradient, products of a chunk's own tokens, and those of gates with keys and with weights. Chunks that are done in spans, because
 * their keys are much alike, are counted as all others.
 */
export function backwardFlops(
  plan: RecurrencePlan,
  { mechanism, shape, segmentTokens, summedFrom }: CountedBackward,
  panelKeys: number,
): number {
  const { headDim, valueDim, length } = shape;
  const { width, channels, byChannel, stepwise } = plan;
  const erases = mechanism.erase !== null;
  const times = erases ? 2 : 1;
  const readsAlike = (mechanism.erase === "before-decay") === (mechanism.bonus !== null);
  const pairFlopsBack =
    PAIR_FLOPS.decay + PAIR_FLOPS.read + (erases ? PAIR_FLOPS[readsAlike ? "again" : "read"] : 0);
  const chunk = stepwise ? 1 : chunkOf(plan);
  let flops = 0;
  for (let first = 0; first < length; first += chunk) {
    const count = Math.min(chunk, length - first);
    // Steps make the state after them once more, but for the last of a chunk.
    if (stepwise && first + count < length && (first + count) % chunkOf(plan) !== 0) {
      flops += gateFlops(plan, headDim, count, mechanism, panelKeys) + 5 * headDim * width;
    }
    const rows = rowsComputed(count);
    const before = earlier(count);
    const inner = strictlyEarlier(count);
    const gates = gateFlops(plan, headDim, count, mechanism, panelKeys);
    const left = headDim * width + times * 2 * rowsComputed(headDim) * width * count;
    // What is written, its gradient, and products with what is written.
    flops +=
      gates + left + 2 * rows * width * headDim * times + 2 * width * (before + (erases ? 2 * inner : 0));
    flops += triangleFlops(valueDim, count, panelKeys) * times;
    // Rows of the state and of its gradient.
    flops += 2 * rows * channels * valueDim * (erases ? 3 : 2);
    if (byChannel) {
      const pairs = (count * (count - 1)) / 2;
      flops += pairFlops(plan, count, erases) + channels * pairs * pairFlopsBack;
    } else flops += triangleFlops(headDim, count, panelKeys) * times + 2 * channels * 2 * before * times;
    flops += 2 * headDim * valueDim + gatesBack(plan, headDim, count, mechanism, panelKeys);
    if (first + segmentTokens < length) flops += 2 * headDim * width;
    if (first >= summedFrom) flops += gates + left;
  }
  return flops;
}

/** Tokens that are gone back over together at least: a chunk, or less where something is erased. */
export function spanOf(plan: RecurrencePlan, { erase }: Recurrence): number {
  if (plan.stepwise) return 1;
  return erase === null || plan.byChannel ? chunkOf(plan) : ERASED_SPAN;
}

/** Rows of panels times the tokens up to the end of each: as many as later tokens are, in panels of those. */
function earlier(count: number): number {
  let products = 0;
  for (let row = 0; row < count; row += PANEL_QUERIES) {
    products += panelRows(count - row) * Math.min(count, row + PANEL_QUERIES);
  }
  return products;
}

/** The same of tokens before each panel, and within it of those before each row. */
function strictlyEarlier(count: number): number {
  let products = 0;
  for (let row = 0; row < count; row += PANEL_QUERIES) {
    const own = Math.min(PANEL_QUERIES, count - row);
    products += panelRows(count - row) * row + (own * (own - 1)) / 2;
  }
  return products;
}

/** What gates that are made of keys give back to them and to their weights. */
function gatesBack(
  plan: RecurrencePlan,
  headDim: number,
  count: number,
  { decay, write }: Recurrence,
  panelKeys: number,
): number {
  const columns = Math.ceil(headDim / panelKeys) * panelKeys;
  const gate = (perChannel: boolean): number =>
    perChannel
      ? 2 * columns * (rowsComputed(count) * headDim + rowsComputed(headDim) * count)
      : 4 * count * plan.channels;
  const made = [
    "stream" in decay && write.form !== "given-step" ? gate(plan.decayPerChannel) : 0,
    "stream" in write ? gate(plan.writePerChannel) : 0,
  ];
  return made[0] + made[1];
}

/** Bytes that a slice reads and writes: inputs and dout, the states that were kept, and gradients of all inputs but weights. */
export function backwardBytes(
  plan: RecurrencePlan,
  { mechanism, shape, summedFrom }: CountedBackward,
): number {
  const { headDim, valueDim, length } = shape;
  const { decay, write } = mechanism;
  const given = decay.form === "given" ? (plan.decayPerChannel ? headDim : 1) : 0;
  const gates = given + (write.form === "given" || write.form === "given-step" ? 1 : 0);
  const token = 2 * (2 * headDim + valueDim + gates) + valueDim;
  const states = Math.ceil(length / chunkOf(plan)) * headDim * plan.width;
  const summed = (length - summedFrom) * (2 * headDim + valueDim + gates);
  return FLOAT_BYTES * (length * token + states + summed);
}
