import type { TensorSpec, TensorSpecs } from "../../core/tensor-spec.ts";
import { BIAS_TABLE } from "../../pairwise/bind-biases.ts";
import { vectorsOf } from "../../pairwise/score.ts";
import type { SoftmaxPattern } from "./declare.ts";

/** What the layer learns for its scores and its bias: inputs besides q, k and v. */
export function learnedInputs({ score, bias }: SoftmaxPattern): TensorSpecs {
  const learned = Object.entries(vectorsOf(score)).map(([name, stream]): [string, TensorSpec] => [
    name,
    {
      dims: ["heads", 1, "headDim"],
      of: "weights",
      stream,
      // The sum over channels is about as large as one of them.
      std: ({ headDim }) => 1 / Math.sqrt(headDim),
      ...(score && { seed: score.seed }),
    },
  ]);
  if (bias?.table !== undefined) {
    const { entries, stream, seed } = bias.table;
    learned.push([BIAS_TABLE, { dims: ["heads", 1, entries], of: "weights", stream, seed }]);
  }
  return Object.fromEntries(learned);
}
