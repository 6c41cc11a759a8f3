import { FLOAT_BYTES, type Shape } from "../../../../core/shape.ts";
import type { Recurrence } from "../../../../mechanisms/recurrence/declare.ts";
import { VECTOR } from "../layout.ts";
import type { Plan } from "../plan.ts";

/**
 * What weights get of a segment, in floats from the first: of the decay's a row for each channel or for all, then of A and b a number for
 * each channel, or a vector whose lanes are to be added, and of the write's rows.
 */
export interface WeightSums {
  readonly decay: Rows;
  readonly write: Rows;
  readonly tail: { readonly at: number; readonly row: number; readonly lanes: number };
  readonly floats: number;
}

/** Rows of so many floats. */
interface Rows {
  readonly at: number;
  readonly rows: number;
  readonly row: number;
}

/** Floats of a vector. */
const LANES = VECTOR / FLOAT_BYTES;

/** Where sums of a segment lie, of matrices or of vectors; what has no weights has no rows. */
export function weightSumsOf(
  { decay, write }: Recurrence,
  { channels, decayPerChannel, writePerChannel }: Plan,
  headDim: number,
): WeightSums {
  const rowsOf = (gate: object, perChannel: boolean): number => {
    if (!("stream" in gate)) return 0;
    return perChannel ? headDim : 1;
  };
  const decays = { at: 0, rows: rowsOf(decay, decayPerChannel), row: channels };
  const tail = {
    at: decays.rows * channels,
    row: decayPerChannel ? channels : LANES,
    lanes: decayPerChannel ? 1 : LANES,
  };
  const writesAt = tail.at + (decay.form === "softplus" ? 2 * tail.row : 0);
  const writes = { at: writesAt, rows: rowsOf(write, writePerChannel), row: channels };
  return { decay: decays, write: writes, tail, floats: writesAt + writes.rows * channels };
}

/** Where what weights get is written; undefined for what has no weights. */
export interface WeightGradients {
  /** `[heads, rows, headDim]`, or `headDim + 2` with A and b. */
  readonly decay: Float32Array | undefined;
  /** `[heads, rows, headDim]`. */
  readonly write: Float32Array | undefined;
}

/** Adds up what all segments of a head have got, of all batch entries, in one order. */
export function joinWeights(
  sums: Float32Array,
  { tail, floats, ...of }: WeightSums,
  { batch, heads, headDim }: Shape,
  segments: number,
  to: WeightGradients,
): void {
  const summed = new Float64Array(floats);
  for (let head = 0; head < heads; head++) {
    summed.fill(0);
    for (let entry = 0; entry < batch; entry++) {
      const first = (entry * heads + head) * segments;
      for (let at = first * floats; at < (first + segments) * floats; at++) summed[at % floats] += sums[at];
    }
    for (const name of ["decay", "write"] as const) {
      const array = to[name];
      if (array === undefined) continue;
      const { at, rows, row } = of[name];
      const width = array.length / (heads * rows);
      for (let channel = 0; channel < rows; channel++) {
        const begins = (head * rows + channel) * width;
        array.set(summed.subarray(at + channel * row, at + channel * row + headDim), begins);
        for (let other = 0; headDim + other < width; other++) {
          const from = tail.at + other * tail.row + channel * tail.lanes;
          array[begins + headDim + other] = summed
            .subarray(from, from + tail.lanes)
            .reduce((sum, one) => sum + one, 0);
        }
      }
    }
  }
}
