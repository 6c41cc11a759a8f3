import { FLOAT_BYTES, type Shape } from "../../../core/shape.ts";
import type { Recurrence } from "../../../mechanisms/recurrence/declare.ts";
import type { Segments } from "./items.ts";
import { TOKENS } from "./layout.ts";
import type { Plan } from "./plan.ts";

/** Pairs of a chunk of a token with those before it, and with itself as well. */
const BEFORE = (TOKENS * (TOKENS - 1)) / 2;
const SEEN = BEFORE + TOKENS;

/**
 * Operations of one slice. Chunks have 16 tokens whether there are as many or not: products with the state, squares of
 * scores, decays of the keys that they are made of, triangles of values, and products of gates with keys. A segment adds what
 * is before it; where slices are cut among threads, all but the last are taken in once more before.
 */
export function recurrenceFlops(
  plan: Plan,
  mechanism: Recurrence,
  { headDim, length }: Shape,
  cut: Segments,
  isCut: boolean,
): number {
  const { byChannel, channels, width } = plan;
  const products = mechanism.erase === null ? 1 : 2;
  const gates = gateFlops(plan, mechanism, headDim);
  const takenIn = (2 * TOKENS + 1) * channels * width;
  const reads = 2 * TOKENS * headDim * width * products;
  const dots = 2 * TOKENS * TOKENS * (byChannel ? channels : headDim) * products;
  const decays = byChannel ? BEFORE * channels : 0;
  const shares = byChannel ? 0 : TOKENS * TOKENS * products;
  const values = 2 * width * (SEEN + (products === 2 ? BEFORE : 0));
  const chunks = Math.ceil(length / TOKENS);
  const joined = Math.ceil(Math.max(0, length - cut.segmentTokens) / TOKENS) * 2 * channels * width;
  const before = isCut ? ((cut.segments - 1) * cut.segmentTokens) / TOKENS : 0;
  const own = takenIn + decays + gates;
  return chunks * (own + reads + dots + shares + values) + joined + before * own;
}

export function gateFlops(plan: Plan, { decay, write }: Recurrence, headDim: number): number {
  const gate = (perChannel: boolean): number => 2 * TOKENS * plan.channels * (perChannel ? headDim : 1);
  const decays = "stream" in decay && write.form !== "given-step" ? gate(plan.decayPerChannel) : 0;
  const writes = "stream" in write ? gate(plan.writePerChannel) : 0;
  return decays + writes;
}

/** Bytes of the inputs and the output that a slice reads and writes: v twice if it goes past the state. */
export function recurrenceBytes(
  plan: Plan,
  { decay, write, skip }: Recurrence,
  { headDim, valueDim, length }: Shape,
  cut: Segments,
  isCut: boolean,
): number {
  const given = decay.form === "given" ? (plan.decayPerChannel ? headDim : 1) : 0;
  const perToken = given + (write.form === "given" || write.form === "given-step" ? 1 : 0);
  const before = isCut ? (cut.segments - 1) * cut.segmentTokens : 0;
  const reads = 2 * headDim + (skip === 0 ? 2 : 3) * valueDim + perToken;
  return FLOAT_BYTES * (length * reads + before * (headDim + valueDim + perToken));
}
