import type { TensorSpec, TensorSpecs } from "../../core/tensor-spec.ts";
import { type Aft, LEARNED } from "./declare.ts";

/** What the layer learns of positions, N(0, scale²), drawn position by position. */
export function learnedInputs({ biases }: Aft): TensorSpecs {
  if (biases === null) return {};
  const { rank, scale, seed } = biases;
  const table = (stream: string): TensorSpec => ({
    dims: ["heads", "length", rank],
    of: "weights",
    stream,
    seed,
    std: scale,
  });
  return { [LEARNED.ofQueries]: table("aft/u"), [LEARNED.ofKeys]: table("aft/v") };
}
