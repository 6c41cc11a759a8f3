import { deterministic } from "../../laws/deterministic.ts";
import type { Law } from "../../laws/law.ts";
import { isAConvolution, meanOfAll, nearConvolution } from "./convolution.ts";
import { headsAdd, identities, noGamma } from "./heads.ts";
import { pooledFree } from "./pooled.ts";
import { noPositions, positionsCount, tokensReorder, valuesUnplaced } from "./positions.ts";

/** The laws of layers: of any, and of those with positions, a factor, pooling or shifts. */
export const layerLaws: readonly Law[] = [
  deterministic,
  headsAdd,
  identities,
  tokensReorder,
  positionsCount,
  noPositions,
  valuesUnplaced,
  noGamma,
  pooledFree,
  isAConvolution,
  nearConvolution,
  meanOfAll,
];
