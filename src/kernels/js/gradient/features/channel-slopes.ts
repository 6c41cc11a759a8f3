import type { Shape } from "../../../../core/shape.ts";
import {
  type ChannelSoftmax,
  type Elementwise,
  type FeatureMap,
  horizonOf,
  type Reweighted,
  type Rolled,
} from "../../../../mechanisms/feature-map/declare.ts";
import { featureRows } from "../../features/feature-rows.ts";
import type { FeatureSlopes } from "./feature-slopes.ts";

type Back = FeatureSlopes["back"];
type Channelwise = Elementwise | Reweighted | ChannelSoftmax | Rolled;

/** Features of the channels as they are, without products. */
export function channelSlopes(
  mechanism: FeatureMap,
  feature: Channelwise,
  shape: Pick<Shape, "headDim" | "length">,
): FeatureSlopes {
  const rows = featureRows(mechanism, shape, 1);
  return {
    count: rows.count,
    bytes: rows.bytes,
    learned: null,
    learn() {},
    write: (from, at, position, to) => rows.write(from, at, 1, position, to),
    back: backOf(feature, shape),
  };
}

function backOf(feature: Channelwise, { headDim, length }: Pick<Shape, "headDim" | "length">): Back {
  switch (feature.kind) {
    case undefined:
      return elementwiseBack(feature, headDim);
    case "reweighted":
      return reweightedBack(horizonOf(feature, length), headDim);
    case "channel-softmax":
      return softmaxBack(headDim);
    case "rolled":
      return rolledBack(feature.rolls, headDim);
    default:
      return feature satisfies never;
  }
}

function elementwiseBack({ id, slope }: Elementwise, headDim: number): Back {
  if (id === "elu+1") {
    return (of, from, at, _position, to) => {
      for (let c = 0; c < headDim; c++) {
        const x = from[at + c];
        to[at + c] = x < 0 ? of[c] * Math.exp(x) : of[c];
      }
    };
  }
  if (id === "relu") {
    return (of, from, at, _position, to) => {
      for (let c = 0; c < headDim; c++) to[at + c] = from[at + c] > 0 ? of[c] : 0;
    };
  }
  if (slope === undefined) throw new TypeError(`feature map ${id}: it must declare its slope`);
  return (of, from, at, _position, to) => {
    for (let c = 0; c < headDim; c++) to[at + c] = of[c] * slope(from[at + c]);
  };
}

/** Both features of a channel are its rectified number, by the cosine and the sine of an angle. */
function reweightedBack(horizon: number, headDim: number): Back {
  return (of, from, at, position, to) => {
    const angle = (Math.PI * position) / (2 * horizon);
    const cosine = Math.cos(angle);
    const sine = Math.sin(angle);
    for (let c = 0; c < headDim; c++) {
      to[at + c] = from[at + c] > 0 ? of[c] * cosine + of[headDim + c] * sine : 0;
    }
  };
}

/** `s ⊙ (g - s·g)` of the channels, less that of the negated channels. */
function softmaxBack(headDim: number): Back {
  const row = new Float64Array(headDim);
  return (of, from, at, _position, to) => {
    row.fill(0);
    for (let side = 0; side < 2; side++) {
      const sign = side === 0 ? 1 : -1;
      const start = side * headDim;
      let largest = Number.NEGATIVE_INFINITY;
      for (let c = 0; c < headDim; c++) largest = Math.max(largest, sign * from[at + c]);
      let total = 0;
      let product = 0;
      for (let c = 0; c < headDim; c++) {
        const weight = Math.exp(sign * from[at + c] - largest);
        total += weight;
        product += weight * of[start + c];
      }
      const mean = product / total;
      for (let c = 0; c < headDim; c++) {
        const share = Math.exp(sign * from[at + c] - largest) / total;
        row[c] += sign * share * (of[start + c] - mean);
      }
    }
    for (let c = 0; c < headDim; c++) to[at + c] = row[c];
  };
}

/** A product `r_c r_o` adds to the gradients of both. */
function rolledBack(rolls: number, headDim: number): Back {
  const width = 2 * headDim;
  const rectified = new Float64Array(width);
  const sums = new Float64Array(width);
  return (of, from, at, _position, to) => {
    for (let c = 0; c < headDim; c++) {
      const x = from[at + c];
      rectified[c] = Math.max(x, 0);
      rectified[headDim + c] = Math.max(-x, 0);
    }
    sums.fill(0);
    for (let roll = 1; roll <= rolls; roll++) {
      const start = (roll - 1) * width;
      let other = width - 1 - ((roll - 1) % width);
      for (let c = 0; c < width; c++) {
        sums[c] += of[start + c] * rectified[other];
        sums[other] += of[start + c] * rectified[c];
        other = other + 1 === width ? 0 : other + 1;
      }
    }
    for (let c = 0; c < headDim; c++) {
      const x = from[at + c];
      if (x > 0) to[at + c] = sums[c];
      else to[at + c] = x < 0 ? -sums[headDim + c] : 0;
    }
  };
}
