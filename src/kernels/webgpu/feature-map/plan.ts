import type { Shape } from "../../../core/shape.ts";
import {
  channelFactor,
  type FeatureMap,
  featureCount,
  horizonOf,
  learnedOf,
  taylorChannels,
} from "../../../mechanisms/feature-map/declare.ts";
import { TILE } from "../wgsl/tile-product.ts";
import { anglesOf } from "./angles.ts";
import { expansionTable } from "./expansion.ts";

/** How features are made of a row, as `maps.ts` has the text. */
export type MapName = "elu" | "relu" | "reweighted" | "rolled" | "taylor" | "whole";

/**
 * What a dispatch makes of whole rows before the features: `products` with what the layer learned, or the
 * softmaxes.
 */
export type Preparation =
  | { readonly form: "softmaxes" }
  | { readonly form: "exponents" | "circles" | "projected"; readonly learned: string; readonly rows: number };

/** A feature map as the shaders make it of heads of a width. */
export interface MapPlan {
  readonly map: MapName;
  readonly preparation: Preparation | null;
  /** Numbers a row that features are made of: channels, or what the preparation leaves, which is whole fours. */
  readonly width: number;
  /** Features a row in fours, the last filled up with 0; and in blocks of 64. */
  readonly quads: number;
  readonly blocks: number;
  /** Whether features are powers of 2, of exponents that states have as well: FAVOR+. */
  readonly scaled: boolean;
  /** What numbers are multiplied by before they are features. */
  readonly factor: number;
  readonly rolls: number;
  /** Numbers that maps are given: angles of positions, pairs of channels; null for none. */
  readonly table: Float32Array | Uint32Array | null;
  readonly epsilon: number;
}

/** Why the shaders do not compute a map; null if they do. */
export function whyNotMapped({ feature }: FeatureMap): string | null {
  if (feature.kind !== undefined || feature.id in ELEMENTWISE) return null;
  return `of elementwise feature maps it knows ${Object.keys(ELEMENTWISE).join(" and ")}, got ${feature.id}`;
}

const ELEMENTWISE: Readonly<Record<string, MapName>> = { "elu+1": "elu", relu: "relu" };

/** Plans the features of a call. */
export function planMap(
  mechanism: FeatureMap,
  { headDim, length, queries }: Pick<Shape, "headDim" | "length" | "queries">,
): MapPlan {
  const { feature, epsilon } = mechanism;
  const factor = channelFactor(mechanism, headDim);
  const fours = Math.ceil(headDim / 4);
  const learned = learnedOf(feature);
  const products = (form: "exponents" | "circles" | "projected"): Preparation => {
    if (learned === null) throw new TypeError(`webgpu: ${feature.kind} must have learned rows, got none`);
    return { form, learned: learned.name, rows: learned.rows };
  };
  const plan = (quads: number, rest: Partial<MapPlan>): MapPlan => ({
    map: "whole",
    preparation: null,
    width: headDim,
    quads,
    blocks: Math.ceil(quads / TILE.quads),
    scaled: false,
    factor: 1,
    rolls: 0,
    table: null,
    epsilon,
    ...rest,
  });
  switch (feature.kind) {
    case undefined:
      return plan(fours, { map: ELEMENTWISE[feature.id] ?? "elu" });
    case "reweighted":
      return plan(2 * fours, {
        map: "reweighted",
        table: anglesOf(Math.min(0, length - queries), length, horizonOf(feature, length)),
      });
    case "channel-softmax":
      return plan(2 * fours, { preparation: { form: "softmaxes" }, width: 8 * fours });
    case "rolled": {
      const quads = Math.ceil(featureCount(feature, headDim) / 4);
      return plan(quads, { map: "rolled", rolls: feature.rolls });
    }
    case "taylor": {
      const channels = taylorChannels(feature, headDim);
      const table = expansionTable(channels);
      const quads = table.length / 4;
      if (feature.project === 0) return plan(quads, { map: "taylor", table, factor });
      const width = 4 * Math.ceil(channels / 4);
      return plan(quads, { map: "taylor", table, preparation: products("projected"), width, factor });
    }
    case "trigonometric": {
      const quads = 2 * Math.ceil(feature.features / 4);
      return plan(quads, {
        preparation: products("circles"),
        width: 4 * quads,
        factor: 1 / Math.sqrt(feature.features),
      });
    }
    case "favor": {
      const quads = Math.ceil(feature.features / 4);
      return plan(quads, { preparation: products("exponents"), width: 4 * quads, scaled: true, factor });
    }
    default:
      return feature satisfies never;
  }
}
