import type { Variant } from "../src/core/variant.ts";
import { baselines } from "./baseline/index.ts";
import { dense } from "./dense/index.ts";
import { featureMaps } from "./feature-map/index.ts";
import { graphs } from "./graph/index.ts";
import { image } from "./image/index.ts";
import { layers } from "./layer/index.ts";
import { lowRank } from "./low-rank/index.ts";
import { mixing } from "./mixing/index.ts";
import { recurrences } from "./recurrence/index.ts";
import { selections } from "./selection/index.ts";
import { sparse } from "./sparse/index.ts";

/** The built-in variants, family by family, in the order in which they are listed. */
export const variants: readonly Variant[] = [
  ...dense,
  ...sparse,
  ...image,
  ...graphs,
  ...lowRank,
  ...featureMaps,
  ...recurrences,
  ...mixing,
  ...selections,
  ...layers,
  ...baselines,
];
