import type { Shape } from "../../../../core/shape.ts";
import { type FeatureMap, learnedOf } from "../../../../mechanisms/feature-map/declare.ts";
import { makingFlops } from "../../features/feature-rows.ts";
import { channelSlopes } from "./channel-slopes.ts";
import { favorSlopes } from "./favor-slopes.ts";
import { taylorSlopes } from "./taylor-slopes.ts";
import { trigonometricSlopes } from "./trigonometric-slopes.ts";

/** The features of one row of q or k at a time, and from their gradients back to the row. */
export interface FeatureSlopes {
  /** Features of a row. */
  readonly count: number;
  /** Bytes of scratch. */
  readonly bytes: number;
  /** Takes in what the layer learned for a head, from `at` on. */
  learn(from: Float32Array, at: number): void;
  /** Writes the features of the row of this position, which begins at `at`: of FAVOR+ their exponents. */
  write(from: Float32Array, at: number, position: number, to: Float64Array): void;
  /** Writes the gradient of that row at the same place of `to`, by the gradient of what `write` wrote. */
  back(of: Float64Array, from: Float32Array, at: number, position: number, to: Float32Array): void;
  /**
   * The gradient so far of what the layer learned for a head, `[rows, headDim]`, to which `back` adds; null if it has
   * none.
   */
  readonly learned: Float64Array | null;
}

/** The features of queries or of keys, which differ in FAVOR+ alone. */
export function featureSlopes(
  mechanism: FeatureMap,
  shape: Pick<Shape, "headDim" | "length">,
  of: "query" | "key",
): FeatureSlopes {
  const { feature } = mechanism;
  switch (feature.kind) {
    case "favor":
      return favorSlopes(mechanism, feature, shape.headDim, of === "key");
    case "taylor":
      return taylorSlopes(mechanism, feature, shape.headDim);
    case "trigonometric":
      return trigonometricSlopes(feature.features, shape.headDim);
    default:
      return channelSlopes(mechanism, feature, shape);
  }
}

/** Operations that take the gradient of features back to a row, and to what was learned. */
export function backFlops({ feature }: FeatureMap, headDim: number): number {
  const learned = feature.kind === "taylor" ? 2 * (learnedOf(feature)?.rows ?? 0) * headDim : 0;
  return makingFlops(feature, headDim) + learned;
}
