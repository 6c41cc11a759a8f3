import type { TableRow } from "../../core/table-one.ts";
import { AT_ONCE, ONE_LAYER, SCANNED, SCANNED_PATH } from "../table-row.ts";
import { type Feature, type FeatureMap, featureCount, taylorChannels } from "./declare.ts";

/** Every key writes m features times d channels, and every query reads as many. */
export function table({ feature }: FeatureMap, causal: boolean): TableRow {
  return {
    perLayer: {
      text: "Nmd",
      letters: { m: featuresText(feature) },
      at: ({ length, headDim }) => length * featureCount(feature, headDim) * headDim,
    },
    sequential: causal ? SCANNED : AT_ONCE,
    path: causal ? SCANNED_PATH : ONE_LAYER,
  };
}

/** How many features there are, of heads of any width. */
function featuresText(feature: Feature): string | number {
  switch (feature.kind) {
    case "reweighted":
    case "channel-softmax":
      return "2d";
    case "rolled":
      return `${2 * feature.rolls}d`;
    case "taylor":
      return feature.project > 0
        ? 1 + taylorChannels(feature, 0) + taylorChannels(feature, 0) ** 2
        : "1 + d + d²";
    case undefined:
      return "d";
    default:
      return featureCount(feature, 0);
  }
}
