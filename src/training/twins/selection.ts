import { isSelection, NSA_GATES, type Nsa, type Selection } from "../../mechanisms/selection/declare.ts";
import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";
import { NOT_ATTENDED, softmaxSums } from "./pair-weights.ts";
import { type Best, bestOf, blockMeans, isBestRule } from "./selection-rules.ts";
import type { Twin, TwinInputs, TwinKind, TwinTask } from "./twin.ts";

/** Softmax over the keys that a rule chooses; the gradient is through those as they were chosen. */
export const selectionTwin: TwinKind<Selection> = {
  is: isSelection,
  whyNot: ({ rule }) =>
    isBestRule(rule) ? null : `chooses keys by the rule ${rule.id}, of which no twin is written`,
  twin,
};

function twin(arrays: Arrays, { mechanism, shape, causal }: TwinTask<Selection>): Twin {
  const { rule, scale = 1 / Math.sqrt(shape.headDim) } = mechanism;
  if (!isBestRule(rule)) throw new TypeError(`selection: no twin is written of ${rule.id}`);
  const best = bestOf(arrays, rule, shape.length, causal);
  const productsOf = ({ q, k }: TwinInputs): Tensor => q.matmul(k.transposed());
  const attend = (inputs: TwinInputs): Tensor => {
    const products = productsOf(inputs);
    const attended = best.attended(chosenBy(arrays, best, inputs, products, shape.queries));
    const over = (keys: Tensor): Tensor =>
      softmaxSums(products.mul(scale).add(keys.mul(-1).add(1).mul(NOT_ATTENDED)), inputs.v);
    return rule.id === "nsa"
      ? gatedBranches(arrays, rule, scale, inputs, over(attended), over)
      : over(attended);
  };
  return Object.assign(attend, {
    chosen: (inputs: TwinInputs) => ({
      [best.name]: chosenBy(arrays, best, inputs, productsOf(inputs), shape.queries),
    }),
  });
}

/** NSA's three softmaxes, each by a gate of the query: over means of blocks that have ended, chosen blocks, and a window. */
function gatedBranches(
  arrays: Arrays,
  { block, window }: Nsa,
  scale: number,
  { q, k, v, named }: TwinInputs,
  chosen: Tensor,
  over: (keys: Tensor) => Tensor,
): Tensor {
  const length = q.shape.at(-2) ?? 0;
  const blocks = Math.ceil(length / block);
  const [keys, values] = [k, v].map((x) => blockMeans(arrays, x, block));
  const hasEnded = (query: number, one: number): boolean => one < Math.floor((query + 1) / block);
  const hidden = arrays.matrix(length, blocks, (query, one) => (hasEnded(query, one) ? 0 : NOT_ATTENDED));
  const isAny = arrays.matrix(length, 1, (query) => (hasEnded(query, 0) ? 1 : 0));
  const compressed = softmaxSums(q.matmul(keys.transposed()).mul(scale).add(hidden), values).mul(isAny);
  const recent = arrays.matrix(length, length, (query, key) =>
    key <= query && key > query - window ? 1 : 0,
  );
  return [compressed, chosen, over(recent)]
    .map((row, at) => row.mul(q.matmul(named[NSA_GATES[at]].transposed()).sigmoid()))
    .reduce((sum, one) => sum.add(one));
}

/** 1 for the candidates that each query takes: the best, or all if they are fewer. A constant to the gradient. */
function chosenBy(arrays: Arrays, best: Best, inputs: TwinInputs, products: Tensor, queries: number): Tensor {
  const { candidates, taken } = best;
  const eligible = (number: number, other: number): Tensor =>
    arrays.matrix(queries, candidates, (query, one) => (best.isEligible(query, one) ? number : other));
  const scores = best.scores(inputs, products).stopped();
  const all = scores.mul(0).add(eligible(1, 0));
  if (taken >= candidates) return all;
  if (taken === 0) return scores.mul(0);
  const among = scores.add(eligible(0, NOT_ATTENDED));
  return all.mul(among.isLess(among.nthLargest(taken)).mul(-1).add(1));
}
