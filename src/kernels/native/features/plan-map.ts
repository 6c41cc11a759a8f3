import {
  channelFactor,
  type Feature,
  type FeatureMap,
  horizonOf,
  learnedOf,
  taylorChannels,
} from "../../../mechanisms/feature-map/declare.ts";
import { LANES, MAP } from "./layout.ts";

/** A feature map as the machine code makes it. */
export interface PlannedMap {
  readonly map: number;
  /** Features that a state has. */
  readonly features: number;
  /** Rows of a chunk's scratch in which tokens are turned, one for each of so many numbers. */
  readonly rows: number;
  /** Whether features may take the place of the rows that they are made of. */
  readonly inPlace: boolean;
  /** What the layer learned: the rows of an input; null if nothing. */
  readonly weights: { readonly name: string; readonly rows: number } | null;
  /** Factors of channels, and of products with weights. */
  readonly factor: number;
  readonly weightFactor: number;
  /** The factor of what goes back through those products. */
  readonly backFactor: number;
  readonly rolls: number;
  /** ε in the unit of the sums that are divided. */
  readonly epsilon: number;
  /** The number of tokens over which angles reach π/2; null if there are none. */
  readonly horizon: number | null;
}

/** Channels of which all products are features, at most: with more, the state alone would be tens of MiB. */
const MOST_EXPANDED = 256;

/** Why machine code does not make the features of a map of heads `headDim` wide; null if it does. */
export function whyNotMapped(feature: Feature, headDim: number): string | null {
  if (feature.kind === "taylor") {
    const channels = taylorChannels(feature, headDim);
    if (channels <= MOST_EXPANDED) return null;
    return `it expands at most ${MOST_EXPANDED} channels, got ${channels}`;
  }
  if (feature.kind !== undefined || elementwise(feature.id) !== undefined) return null;
  return `of elementwise feature maps it knows elu+1 and relu, got ${feature.id}`;
}

function elementwise(id: string): number | undefined {
  return id === "elu+1" ? MAP.elu : id === "relu" ? MAP.relu : undefined;
}

/** Plans the features of heads `headDim` wide over `length` tokens. */
export function plannedMap(mechanism: FeatureMap, headDim: number, length: number): PlannedMap {
  const { feature, epsilon } = mechanism;
  const learned = learnedOf(feature);
  const plain = {
    ...{ rows: headDim, inPlace: false, weights: learned, factor: 1, weightFactor: 1, backFactor: 1 },
    ...{ rolls: 0, epsilon, horizon: null },
  };
  switch (feature.kind) {
    case undefined:
      return { ...plain, map: elementwise(feature.id) ?? MAP.elu, features: headDim, inPlace: true };
    case "reweighted":
      return {
        ...plain,
        map: MAP.reweighted,
        features: 2 * headDim,
        horizon: horizonOf(feature, length),
      };
    case "channel-softmax":
      return { ...plain, map: MAP.channelSoftmax, features: 2 * headDim };
    case "rolled": {
      const features = 2 * headDim * feature.rolls;
      return { ...plain, map: MAP.rolled, features, rows: 2 * headDim, rolls: feature.rolls };
    }
    case "taylor": {
      const width = taylorChannels(feature, headDim);
      const factor = channelFactor(mechanism, headDim);
      return {
        ...plain,
        map: MAP.taylor,
        features: 1 + width + (width * (width + 1)) / 2,
        // Projected channels lie behind the others.
        rows: Math.ceil(headDim / LANES) * LANES + feature.project,
        factor,
        weightFactor: factor,
        backFactor: factor,
      };
    }
    case "trigonometric":
      // Features are without their factor D^-½, which sums of them have twice.
      return {
        ...plain,
        map: MAP.trigonometric,
        features: 2 * feature.features,
        // One row more for lengths.
        rows: headDim + 1,
        epsilon: epsilon * feature.features,
      };
    case "favor": {
      const factor = channelFactor(mechanism, headDim);
      return {
        ...plain,
        map: MAP.favor,
        features: feature.features,
        // Of half a square, and of a product with a channel, both of which are exponents of 2.
        factor: (Math.LOG2E * factor ** 2) / 2,
        weightFactor: Math.LOG2E * factor,
        // The derivative of 2^x is ln 2 times it.
        backFactor: factor,
      };
    }
    default:
      return feature satisfies never;
  }
}
