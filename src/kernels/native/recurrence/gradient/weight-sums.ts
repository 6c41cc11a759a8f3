import { FLOAT_BYTES, type Shape } from "../../../../core/shape.ts";
import type { Recurrence } from "../../../../mechanisms/recurrence/declare.ts";
import { VECTOR } from "../layout.ts";
import type { Plan } from "../plan.ts";

/** What weights get of a segment: of the decay's, of A and b by lanes, and of the write's, in floats from the first. */
export interface WeightSums {
  readonly tailAt: number;
  readonly writeAt: number;
  readonly floats: number;
}

/** Floats of a vector. */
const LANES = VECTOR / FLOAT_BYTES;

export function weightSumsOf({ decay, write }: Recurrence, { channels }: Plan): WeightSums {
  const decays = "stream" in decay ? channels : 0;
  const tail = decay.form === "softplus" ? 2 * LANES : 0;
  const writes = "stream" in write ? channels : 0;
  return { tailAt: decays, writeAt: decays + tail, floats: decays + tail + writes };
}

/** Where what weights get is written; undefined for what has no weights. */
export interface WeightGradients {
  /** `[heads, 1, headDim]`, or `headDim + 2` with A and b. */
  readonly decay: Float32Array | undefined;
  /** `[heads, 1, headDim]`. */
  readonly write: Float32Array | undefined;
}

/** Adds up what all segments of a head have got, of all batch entries, in one order. */
export function joinWeights(
  sums: Float32Array,
  { tailAt, writeAt, floats }: WeightSums,
  { batch, heads, headDim }: Shape,
  segments: number,
  to: WeightGradients,
): void {
  const total = (head: number, from: number, count: number): number => {
    let all = 0;
    for (let entry = 0; entry < batch; entry++) {
      const first = (entry * heads + head) * segments;
      for (let segment = first; segment < first + segments; segment++) {
        for (let at = 0; at < count; at++) all += sums[segment * floats + from + at];
      }
    }
    return all;
  };
  for (const [array, from] of [
    [to.decay, 0],
    [to.write, writeAt],
  ] as const) {
    if (array === undefined) continue;
    const row = array.length / heads;
    for (let head = 0; head < heads; head++) {
      for (let channel = 0; channel < headDim; channel++)
        array[head * row + channel] = total(head, from + channel, 1);
      for (let tail = 0; headDim + tail < row; tail++) {
        array[head * row + headDim + tail] = total(head, tailAt + tail * LANES, LANES);
      }
    }
  }
}
