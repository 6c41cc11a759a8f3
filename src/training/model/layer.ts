import type { ModelSizes } from "../../tasks/task.ts";
import type { Tensor } from "../arrays/tensor.ts";
import { gatesOf } from "./gates.ts";
import type { Heads, HeadsCall } from "./heads.ts";
import { learnedName } from "./learned-weights.ts";
import { layerNorm } from "./norms.ts";
import type { Weights } from "./parameters.ts";

/** What takes a call of attention down, while a model is written. */
export type Witness = (call: HeadsCall) => void;

/** Attention of tokens to themselves, added to them: norm, q, k and v, short convolution, heads, gain, projection. */
export function selfAttention(
  x: Tensor,
  { heads, weights, layer, causal, witness }: Place,
  model: ModelSizes,
): Tensor {
  const normed = layerNorm(x, weights, `${layer}.norm`);
  // Cut out of the weights, which are few, and not out of what they make: a gradient puts together what was cut.
  const [q, k, v] = [0, 1, 2].map((at) => {
    const own = (of: Tensor): Tensor => of.part(1, at * model.width, (at + 1) * model.width);
    const projected = linear(normed, own(weights(`${layer}.qkv`)));
    if (model.convolution === 0) return projected;
    return shortConvolution(projected, own(weights(`${layer}.taps`)), causal);
  });
  const gates = gatesOf(heads.gates, normed, weights, layer, model.heads);
  const { out, call } = heads.apply(q, k, v, { ...gates, ...learnedAt(heads, weights, layer) });
  witness(call);
  return x.add(linear(out.mul(weights(`${layer}.gain`)), weights(`${layer}.out`)));
}

/** Attention of tokens to others, `to`, added to them. */
export function crossAttention(
  x: Tensor,
  to: Tensor,
  { heads, weights, layer, witness }: Place,
  model: ModelSizes,
): Tensor {
  const q = linear(layerNorm(x, weights, `${layer}.norm`), weights(`${layer}.q`));
  const [k, v] = [0, 1].map((at) =>
    linear(to, weights(`${layer}.kv`).part(1, at * model.width, (at + 1) * model.width)),
  );
  const { out, call } = heads.apply(q, k, v, learnedAt(heads, weights, layer));
  witness(call);
  return x.add(linear(out.mul(weights(`${layer}.gain`)), weights(`${layer}.out`)));
}

/** What the attention of a layer itself learns. */
function learnedAt({ learned }: Heads, weights: Weights, layer: string): Readonly<Record<string, Tensor>> {
  return Object.fromEntries(learned.map((name) => [name, weights(learnedName(layer, name))]));
}

/** Where a part stands, and what it consists of. */
export interface Place {
  readonly heads: Heads;
  readonly weights: Weights;
  /** The name before those of its parameters. */
  readonly layer: string;
  readonly causal: boolean;
  readonly witness: Witness;
}

/** Two products with GELU between, added to the tokens. */
export function feedForward(x: Tensor, weights: Weights, layer: string): Tensor {
  const name = `${layer}.feed-forward`;
  const inner = linear(layerNorm(x, weights, `${name}.norm`), weights(`${name}.in`)).add(
    weights(`${name}.in.bias`),
  );
  return x.add(linear(inner.gelu(), weights(`${name}.out`)).add(weights(`${name}.out.bias`)));
}

/** Rows of tokens `[batch, tokens, from]` times a matrix `[from, to]`. */
export function linear(x: Tensor, matrix: Tensor): Tensor {
  const [batch, tokens, from] = x.shape;
  return x
    .reshape(batch * tokens, from)
    .matmul(matrix)
    .reshape(batch, tokens, matrix.shape[1]);
}

/**
 * Each channel plus a sum of its own over a few tokens, `x_i + Σ_t taps_t x_{i-t}`, 0 where there is none: the tokens before
 * if it is causal, as in Mamba and DeltaNet, and those around otherwise, as many on either side, one more before if even.
 */
function shortConvolution(x: Tensor, taps: Tensor, causal: boolean): Tensor {
  const [, tokens] = x.shape;
  const [count] = taps.shape;
  const after = causal ? 0 : Math.floor((count - 1) / 2);
  const wide = x.padded(1, count - 1 - after, after);
  let sum = x;
  for (let tap = 0; tap < count; tap++) {
    const from = count - 1 - tap;
    sum = sum.add(wide.part(1, from, from + tokens).mul(taps.part(0, tap, tap + 1)));
  }
  return sum;
}
