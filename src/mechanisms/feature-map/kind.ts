import { ANY_SHAPE } from "../../core/shape.ts";
import { everything } from "../../pattern/band.ts";
import type { Kind } from "../kind.ts";
import { causalPrefix } from "../laws/causal-prefix.ts";
import { constantValues } from "../laws/constant-values.ts";
import { deterministic } from "../laws/deterministic.ts";
import { forbiddenKeys } from "../laws/forbidden-keys.ts";
import { independentHeads } from "../laws/independent-heads.ts";
import { saturation } from "../laws/saturation.ts";
import { FULL_ATTENTION } from "../yardstick.ts";
import type { FeatureMap } from "./declare.ts";
import { featureMapGradient } from "./gradient/index.ts";
import { featureInputs } from "./inputs.ts";
import { featureLaws } from "./laws/index.ts";
import { featureMapOracle } from "./oracle.ts";
import { table } from "./table.ts";
import { unitRows } from "./unit-rows.ts";
import { leastStep, leastWork, stepWork, work } from "./work.ts";

/** Linear attention through a feature map: Katharopoulos et al. 2020, arXiv 2006.16236, eq. 4. */
export const featureMapKind: Kind<FeatureMap> = {
  id: "featureMap",
  words: "a feature map",
  causality: "either",
  readsOwnQuery: true,
  freedoms: ANY_SHAPE,
  inputs: featureInputs,
  under: (mechanism, { scale }) =>
    scale === undefined || !isScaled(mechanism) ? mechanism : { ...mechanism, scale },
  whyNotUnder({ feature }, { mask, scale }) {
    if (mask !== undefined) {
      return "linear attention sums all keys at once and takes no mask but causal; omit the mask from the input";
    }
    if (scale === undefined) return null;
    if (feature.kind === "taylor" && feature.project > 0) {
      return `a projection has a scale of its own, and takes no other, got ${scale}; omit the scale`;
    }
    if (feature.kind !== "favor" && feature.kind !== "taylor") return null;
    return scale > 0
      ? null
      : `its features are of the root of the scale, which must be above 0, got ${scale}`;
  },
  work,
  table,
  leastWork,
  step: {
    work: stepWork,
    leastWork: leastStep,
    residentBytes: (_task, _window, { stateBytes }) => stateBytes,
    keeps: keepsState,
  },
  whyNotDecoded: ({ feature }) =>
    feature.kind === "reweighted" && feature.horizon === null
      ? "whose horizon is the length, which is not known while tokens are still to come; set a horizon"
      : null,
  // With the length for a horizon a longer sequence has other weights.
  keepsPrefixes: ({ feature }) => feature.kind !== "reweighted" || feature.horizon !== null,
  // Every query reads every key, through the state.
  pattern: everything,
  pairwise: false,
  sumsToOne: ({ feature, epsilon }) => epsilon === 0 && feature.kind === "favor",
  scoreScale: ({ feature, scale }, headDim) =>
    feature.kind === "favor" ? (scale ?? 1 / Math.sqrt(headDim)) : null,
  yardstick({ feature }) {
    if (feature.kind === "rolled") return null;
    return feature.kind === "trigonometric" ? unitRows(feature) : FULL_ATTENTION;
  },
  oracle: featureMapOracle,
  // The features of a key, whose products cost less than those of a pair, are made once for all rows.
  oracleProducts: ({ rows, heads, length, headDim, before, usefulFlops }) =>
    (heads * length * usefulFlops) / 64 + rows * before * headDim,
  laws: [
    deterministic,
    forbiddenKeys,
    independentHeads,
    constantValues,
    causalPrefix,
    saturation,
    ...featureLaws,
  ],
  gradient: featureMapGradient,
};

/** Whether features approximate `exp(scale·q·k)`. */
function isScaled({ feature }: FeatureMap): boolean {
  return feature.kind === "favor" || feature.kind === "taylor";
}

/** What is kept of the tokens taken in, whatever their number. */
function keepsState({ feature }: FeatureMap): string {
  switch (feature.kind) {
    case "favor":
      return `keeps ${feature.features}·(d + 2) numbers and no keys`;
    case "trigonometric":
      return `keeps ${2 * feature.features}·(d + 1) numbers and no keys`;
    case "taylor": {
      const channels = feature.project > 0 ? feature.project : "d";
      return `keeps (1 + ${channels} + ${channels}²)·(d + 1) numbers and no keys`;
    }
    case "reweighted":
    case "channel-softmax":
      return "keeps 2·d·(d + 1) numbers and no keys";
    case "rolled":
      return `keeps ${2 * feature.rolls}·d·(d + 1) numbers and no keys`;
    default:
      return "keeps d·d + d numbers and no keys";
  }
}
