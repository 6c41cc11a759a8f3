import type { RandomStream } from "../../core/random.ts";
import type { Shape } from "../../core/shape.ts";
import type { TensorSpec, TensorSpecs } from "../../core/tensor-spec.ts";
import { type Cell, GATES, isLearned } from "./declare.ts";

/**
 * What the layer learns: `w` reads the token and `u` the state before it, `[heads, gates·d, d]`. Elman's are normal of
 * variance 1/d, so that a sum is about as large as one of its terms; LSTM's uniform between ±d^-½, as PyTorch
 * initialises them.
 */
export function cellWeights(mechanism: Cell): TensorSpecs {
  if (!isLearned(mechanism)) return {};
  const { cell, seed } = mechanism;
  const spec = (name: string): TensorSpec => ({
    dims: ["heads", { times: GATES[cell], dim: "headDim" }, "headDim"],
    of: "weights",
    stream: `${cell}/${name}`,
    seed,
    ...(cell === "lstm" ? { fill: uniform } : { std: ({ headDim }) => 1 / Math.sqrt(headDim) }),
  });
  return { w: spec("w"), u: spec("u") };
}

function uniform(random: RandomStream, to: Float32Array, { headDim }: Shape): void {
  const bound = 1 / Math.sqrt(headDim);
  for (let at = 0; at < to.length; at++) to[at] = bound * (2 * random.uniform() - 1);
}
