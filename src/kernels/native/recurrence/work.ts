import { FLOAT_BYTES, type Shape } from "../../../core/shape.ts";
import type { Recurrence } from "../../../mechanisms/recurrence/declare.ts";
import { TOKENS } from "./layout.ts";
import type { Plan } from "./plan.ts";

/** Pairs of a chunk of a token with those before it, and with itself as well. */
const BEFORE = (TOKENS * (TOKENS - 1)) / 2;
const SEEN = BEFORE + TOKENS;

/**
 * Operations of one slice. Chunks have 16 tokens whether there are as many or not: products with the state, squares of
 * scores, decays of the keys that they are made of, triangles of values, and products of gates with keys.
 */
export function recurrenceFlops(plan: Plan, mechanism: Recurrence, { headDim, length }: Shape): number {
  const { byChannel, channels, width } = plan;
  const products = mechanism.erase === null ? 1 : 2;
  const state = width * (2 * TOKENS * headDim * products + (2 * TOKENS + 1) * channels);
  const dots = 2 * TOKENS * TOKENS * (byChannel ? channels : headDim) * products;
  const decays = byChannel ? BEFORE * channels : TOKENS * TOKENS * products;
  const values = 2 * width * (SEEN + (products === 2 ? BEFORE : 0));
  return Math.ceil(length / TOKENS) * (state + dots + decays + values + gateFlops(plan, mechanism, headDim));
}

function gateFlops(plan: Plan, { decay, write }: Recurrence, headDim: number): number {
  const gate = (perChannel: boolean): number => 2 * TOKENS * plan.channels * (perChannel ? headDim : 1);
  const decays = "stream" in decay && write.form !== "given-step" ? gate(plan.decayPerChannel) : 0;
  const writes = "stream" in write ? gate(plan.writePerChannel) : 0;
  return decays + writes;
}

/** Bytes of the inputs and the output that a slice reads and writes: v twice if it goes past the state. */
export function recurrenceBytes(plan: Plan, { decay, write, skip }: Recurrence, shape: Shape): number {
  const { headDim, valueDim, length } = shape;
  const given = decay.form === "given" ? (plan.decayPerChannel ? headDim : 1) : 0;
  const perToken = given + (write.form === "given" || write.form === "given-step" ? 1 : 0);
  return FLOAT_BYTES * length * (2 * headDim + (skip === 0 ? 2 : 3) * valueDim + perToken);
}
