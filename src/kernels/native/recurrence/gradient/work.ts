import { FLOAT_BYTES, type Shape } from "../../../../core/shape.ts";
import type { Recurrence } from "../../../../mechanisms/recurrence/declare.ts";
import type { Segments } from "../items.ts";
import { TOKENS } from "../layout.ts";
import type { Plan } from "../plan.ts";
import { gateFlops } from "../work.ts";

/** Pairs of a chunk of a token with those before it, and with itself as well. */
const BEFORE = (TOKENS * (TOKENS - 1)) / 2;
const SEEN = BEFORE + TOKENS;
/** Operations on a pair in one channel, where channels decay by themselves: two decays, and what reading adds to query, key and decays. */
const OF_PAIR = 12;

/**
 * Operations of one slice, chunk by chunk of 16 tokens: four products with the state and its gradient, two squares of products and three
 * triangles, two of them pair by pair where channels decay by themselves, what decays get, and the products of gates three times. A segment adds what is after it; where slices are cut among threads,
 * all but the first are summed once more before.
 */
export function backwardFlops(
  plan: Plan,
  mechanism: Recurrence,
  { headDim, valueDim, length }: Shape,
  cut: Segments,
  isCut: boolean,
): number {
  const { channels, width, byChannel } = plan;
  const gates = gateFlops(plan, mechanism, headDim);
  const takenIn = (2 * TOKENS + 1) * channels * width;
  const products = 2 * TOKENS * (2 * channels * valueDim + headDim * width);
  const squares = 2 * TOKENS * TOKENS * (headDim + valueDim);
  const triangles = 2 * SEEN * (width + (byChannel ? 0 : 2 * channels));
  const pairs = byChannel ? BEFORE * OF_PAIR * channels : 0;
  const decays = learnsDecays(mechanism) ? 2 * channels * width + 2 * TOKENS * TOKENS : 0;
  const writes = mechanism.write.form === "one" ? 0 : 2 * TOKENS * channels;
  const chunks = Math.ceil(length / TOKENS);
  const joined = Math.ceil(Math.max(0, length - cut.segmentTokens) / TOKENS) * 2 * channels * width;
  const summed = isCut ? (length - cut.segmentTokens) / TOKENS : 0;
  const own = takenIn + products + squares + triangles + pairs + decays + writes + 3 * gates;
  return chunks * own + joined + summed * (takenIn + gates);
}

function learnsDecays({ decay }: Recurrence): boolean {
  return decay.form === "given" || "stream" in decay;
}

/** Bytes that a slice reads and writes: inputs and dout, the states that were kept, and gradients of all inputs but weights. */
export function backwardBytes(
  plan: Plan,
  { decay, write }: Recurrence,
  { headDim, valueDim, length }: Shape,
  cut: Segments,
  isCut: boolean,
): number {
  const given = decay.form === "given" ? (plan.decayPerChannel ? headDim : 1) : 0;
  const gates = given + (write.form === "given" || write.form === "given-step" ? 1 : 0);
  const token = 2 * (2 * headDim + valueDim + gates) + valueDim;
  const summed = isCut ? (length - cut.segmentTokens) * (2 * headDim + valueDim + gates) : 0;
  return FLOAT_BYTES * (length * token + summed) + Math.ceil(length / TOKENS) * plan.keptBytes;
}
