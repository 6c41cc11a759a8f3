import type { TensorSpec, TensorSpecs } from "../../core/tensor-spec.ts";
import { LEARNED, type Synthesizer } from "./declare.ts";

/**
 * What the layer learns, N(0, std²): of R every row has a stream of its own, so that a longer sequence only
 * appends; the factors are such that their product has variance 1, as R has; the dense form's have variance
 * 1/d.
 */
export function learnedInputs({ logits, seed }: Synthesizer): TensorSpecs {
  const learned = (dims: TensorSpec["dims"], stream: string, more: Partial<TensorSpec>): TensorSpec => ({
    dims,
    of: "weights",
    stream: `synthesizer/${stream}`,
    seed,
    ...more,
  });
  switch (logits.kind) {
    case "table":
      return { [LEARNED.table]: learned(["heads", "length", "length"], "r", { streamPerRow: true }) };
    case "factors": {
      const { rank } = logits;
      const dims = ["heads", "length", rank] as const;
      const std = rank ** -0.25;
      return {
        [LEARNED.ofQueries]: learned(dims, "a", { std }),
        [LEARNED.ofKeys]: learned(dims, "b", { std }),
      };
    }
    case "dense": {
      const std: TensorSpec["std"] = ({ headDim }) => 1 / Math.sqrt(headDim);
      return {
        [LEARNED.hidden]: learned(["heads", "headDim", "headDim"], "w1", { std }),
        [LEARNED.ofHidden]: learned(["heads", "length", "headDim"], "w2", { std }),
      };
    }
    default:
      return logits satisfies never;
  }
}
