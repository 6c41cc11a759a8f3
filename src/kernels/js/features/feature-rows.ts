import type { Shape } from "../../../core/shape.ts";
import {
  type Feature,
  type FeatureMap,
  horizonOf,
  learnedOf,
  taylorChannels,
} from "../../../mechanisms/feature-map/declare.ts";
import { softmaxRows } from "./channel-softmax.ts";
import { elementwiseRows } from "./elementwise.ts";
import { reweightedRows } from "./reweighted.ts";
import { rolledRows } from "./rolled.ts";
import { taylorRows } from "./taylor.ts";
import { trigonometricRows } from "./trigonometric.ts";

/** The features of rows of q or k, by one head of what the layer learned. */
export interface FeatureRows {
  /** Features of a row. */
  readonly count: number;
  /** Bytes of scratch. */
  readonly bytes: number;
  /** Takes in what the layer learned for a head, from `at` on. */
  learn(from: Float32Array, at: number): void;
  /**
   * Writes the features of `rows` rows, `[rows, count]`: they begin at `at` of `from` and follow one another,
   * and the first has this position.
   */
  write(from: Float32Array, at: number, rows: number, position: number, to: Float64Array): void;
}

/** Operations that make the features of one row. */
export function makingFlops(feature: Feature, headDim: number): number {
  const projected = 2 * (learnedOf(feature)?.rows ?? 0) * headDim;
  if (feature.kind === "taylor") {
    const channels = taylorChannels(feature, headDim);
    return projected + channels * (channels + 1);
  }
  return projected + (feature.kind === "reweighted" ? 2 * headDim : 0);
}

/** Features as this family computes them, of up to `most` rows at a time; not those of FAVOR+. */
export function featureRows(
  mechanism: FeatureMap,
  { headDim, length }: Pick<Shape, "headDim" | "length">,
  most: number,
): FeatureRows {
  const { feature } = mechanism;
  switch (feature.kind) {
    case undefined:
      return elementwiseRows(feature, headDim);
    case "trigonometric":
      return trigonometricRows(feature.features, headDim, most);
    case "reweighted":
      return reweightedRows(horizonOf(feature, length), headDim);
    case "taylor":
      return taylorRows(mechanism, feature, headDim, most);
    case "channel-softmax":
      return softmaxRows(headDim);
    case "rolled":
      return rolledRows(feature.rolls, headDim);
    case "favor":
      throw new TypeError("FAVOR+ has no features without their keys");
    default:
      return feature satisfies never;
  }
}
