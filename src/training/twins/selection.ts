import { isSelection, type Selection } from "../../mechanisms/selection/declare.ts";
import type { Arrays } from "../arrays/arrays.ts";
import { NOT_ATTENDED, softmaxSums } from "./pair-weights.ts";
import type { Twin, TwinKind, TwinTask } from "./twin.ts";

/** Softmax over the keys that a rule chooses; the gradient is through those as they were chosen. */
export const selectionTwin: TwinKind<Selection> = {
  is: isSelection,
  whyNot: ({ rule }) =>
    rule.id === "top-k" ? null : `chooses keys by the rule ${rule.id}, of which no twin is written`,
  twin,
};

function twin(arrays: Arrays, { mechanism, shape, causal }: TwinTask<Selection>): Twin {
  const { rule, scale = 1 / Math.sqrt(shape.headDim) } = mechanism;
  if (rule.id !== "top-k") throw new TypeError(`selection: no twin is written of ${rule.id}`);
  const { queries, length } = shape;
  return ({ q, k, v }) => {
    const products = q.matmul(k.transposed()).mul(scale);
    const hidden = arrays.matrix(queries, length, (row, key) =>
      causal && key > row + length - queries ? NOT_ATTENDED : 0,
    );
    const scores = causal ? products.add(hidden) : products;
    if (rule.keys >= length) return softmaxSums(scores, v);
    // A scale below 0 would choose the least; a twin of one is refused by its references.
    const unchosen = scores.stopped().isLess(scores.nthLargest(rule.keys));
    return softmaxSums(scores.add(unchosen.mul(NOT_ATTENDED)), v);
  };
}
