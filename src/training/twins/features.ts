import {
  channelFactor,
  type Elementwise,
  type Favor,
  type Feature,
  type FeatureMap,
  horizonOf,
  type Reweighted,
  type Rolled,
  type Taylor,
  type Trigonometric,
} from "../../mechanisms/feature-map/declare.ts";
import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";
import type { TwinInputs, TwinTask } from "./twin.ts";

/** Weights `φ(q_i)·φ(k_j)` of all pairs, `[batch, heads, queries, length]`. */
export type PairWeights = (inputs: TwinInputs) => Tensor;

/** The elementwise maps by their ids, which say what they are. */
const ELEMENTWISE: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  // e^x - 1 + 1 would cancel.
  "elu+1": (x) => x.relu().add(x.atMost(0).exp()),
  relu: (x) => x.relu(),
};

/** Whether an elementwise map is one that is known here. */
export function isKnown({ id }: Elementwise): boolean {
  return Object.hasOwn(ELEMENTWISE, id);
}

/** The weights of features that are sums of products, which is all but FAVOR's. */
export function pairWeights(
  arrays: Arrays,
  task: TwinTask<FeatureMap>,
  feature: Exclude<Feature, Favor>,
): PairWeights {
  switch (feature.kind) {
    case undefined:
      return products(ELEMENTWISE[feature.id]);
    case "trigonometric":
      return trigonometric(arrays, feature);
    case "channel-softmax":
      return products((x) => arrays.joined([channelSoftmax(x), channelSoftmax(x.mul(-1))], -1));
    case "rolled":
      return products((x) => rolled(arrays, feature, x));
    case "reweighted":
      return reweighted(arrays, task, feature);
    case "taylor":
      return taylor(task, feature);
    default:
      return feature satisfies never;
  }
}

function products(phi: (x: Tensor) => Tensor): PairWeights {
  return ({ q, k }) => phi(q).matmul(phi(k).transposed());
}

/** What is added to the squared length of a row. */
const UNIT_EPSILON = 1e-6;

/** `D^-½ [sin(W x̂), cos(W x̂)]`. */
function trigonometric(arrays: Arrays, { features }: Trigonometric): PairWeights {
  return ({ q, k, named }) => {
    const phi = (x: Tensor): Tensor => {
      const unit = x.div(x.mul(x).sum(-1).add(UNIT_EPSILON).sqrt());
      const angles = unit.matmul(named["rfa.w"].transposed());
      return arrays.joined([angles.sin(), angles.cos()], -1).div(Math.sqrt(features));
    };
    return phi(q).matmul(phi(k).transposed());
  };
}

function channelSoftmax(x: Tensor): Tensor {
  const weights = x.sub(x.max(-1).stopped()).exp();
  return weights.div(weights.sum(-1));
}

/** `[r ⊙ roll(r, 1), …, r ⊙ roll(r, rolls)]`, `r = [relu(x), relu(-x)]`. */
function rolled(arrays: Arrays, { rolls }: Rolled, x: Tensor): Tensor {
  const rectified = arrays.joined([x.relu(), x.mul(-1).relu()], -1);
  const width = rectified.shape[rectified.shape.length - 1];
  const parts = Array.from({ length: rolls }, (_, index) => {
    const by = (index + 1) % width;
    if (by === 0) return rectified.mul(rectified);
    const moved = [rectified.part(-1, width - by, width), rectified.part(-1, 0, width - by)];
    return rectified.mul(arrays.joined(moved, -1));
  });
  return arrays.joined(parts, -1);
}

/** `relu(q)·relu(k) cos(π(i - j) / 2M)`, the product of the features that turn. */
function reweighted(arrays: Arrays, { shape }: TwinTask<FeatureMap>, feature: Reweighted): PairWeights {
  const { queries, length } = shape;
  const perToken = Math.PI / 2 / horizonOf(feature, length);
  return ({ q, k }) => {
    const cosines = arrays.matrix(queries, length, (row, key) =>
      Math.cos((row + length - queries - key) * perToken),
    );
    return q.relu().matmul(k.relu().transposed()).mul(cosines);
  };
}

/** `1 + s + s²/2`, s the scaled product. */
function taylor({ mechanism, shape }: TwinTask<FeatureMap>, feature: Taylor): PairWeights {
  const scale = channelFactor(mechanism, shape.headDim) ** 2;
  return ({ q, k, named }) => {
    const projected = (x: Tensor): Tensor =>
      feature.project > 0 ? x.matmul(named["taylor.r"].transposed()) : x;
    const s = projected(q).matmul(projected(k).transposed()).mul(scale);
    return s.mul(s).div(2).add(s).add(1);
  };
}
