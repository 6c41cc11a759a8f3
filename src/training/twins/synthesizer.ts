import { isSynthesizer, LEARNED, type Synthesizer } from "../../mechanisms/synthesizer/declare.ts";
import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";
import { NOT_ATTENDED, softmaxSums } from "./pair-weights.ts";
import type { Twin, TwinInputs, TwinKind, TwinTask } from "./twin.ts";

/** Softmax over logits that are learned, or made of the query alone. */
export const synthesizerTwin: TwinKind<Synthesizer> = { is: isSynthesizer, whyNot: () => null, twin };

function twin(arrays: Arrays, { mechanism, shape, causal }: TwinTask<Synthesizer>): Twin {
  const { length } = shape;
  return (inputs) => {
    // One logit a pair, `[heads, length, length]`, and of each batch entry its own if they are made of queries.
    const logits = logitsOf(mechanism, inputs);
    const hidden = arrays.matrix(length, length, (row, key) => (causal && key > row ? NOT_ATTENDED : 0));
    return softmaxSums(logits.add(hidden), inputs.v);
  };
}

function logitsOf({ logits }: Synthesizer, { q, named }: TwinInputs): Tensor {
  switch (logits.kind) {
    case "table":
      return named[LEARNED.table];
    case "factors":
      return named[LEARNED.ofQueries].matmul(named[LEARNED.ofKeys].transposed());
    case "dense":
      return q.matmul(named[LEARNED.hidden].transposed()).relu().matmul(named[LEARNED.ofHidden].transposed());
    default:
      return logits satisfies never;
  }
}
