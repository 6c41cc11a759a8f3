import { isSelection, type Selection } from "../../mechanisms/selection/declare.ts";
import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";
import { NOT_ATTENDED, softmaxSums } from "./pair-weights.ts";
import type { Twin, TwinInputs, TwinKind, TwinTask } from "./twin.ts";

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
  const isSeen = (row: number, key: number): boolean => !causal || key <= row + length - queries;
  const scoresOf = ({ q, k }: TwinInputs): Tensor => {
    const products = q.matmul(k.transposed()).mul(scale);
    const hidden = arrays.matrix(queries, length, (row, key) => (isSeen(row, key) ? 0 : NOT_ATTENDED));
    return causal ? products.add(hidden) : products;
  };
  /** 1 for the keys that a query does not take. */
  const others = (scores: Tensor): Tensor =>
    scores.stopped().isLess(scores.nthLargest(Math.min(rule.keys, length)));
  const attend = (inputs: TwinInputs): Tensor => {
    const scores = scoresOf(inputs);
    if (rule.keys >= length) return softmaxSums(scores, inputs.v);
    return softmaxSums(scores.add(others(scores).mul(NOT_ATTENDED)), inputs.v);
  };
  return Object.assign(attend, {
    chosen(inputs: TwinInputs) {
      const seen = arrays.matrix(queries, length, (row, key) => (isSeen(row, key) ? 1 : 0));
      return { keys: seen.mul(others(scoresOf(inputs)).mul(-1).add(1)) };
    },
  });
}
