import type { WeighedHead } from "../weighed-head.ts";
import { explicitSlopes } from "./explicit-slopes.ts";
import { favorSlopes } from "./favor-slopes.ts";
import { reweightedSlopes, taylorSlopes } from "./identity-slopes.ts";
import type { Slopes } from "./slope.ts";

/** The slopes of a map's weights. */
export function slopesOf(head: WeighedHead): Slopes {
  const { feature } = head.mechanism;
  switch (feature.kind) {
    case "favor":
      return favorSlopes(head, feature);
    case "taylor":
      return taylorSlopes(head, feature);
    case "reweighted":
      return reweightedSlopes(head, feature);
    default:
      return explicitSlopes(head, feature);
  }
}
