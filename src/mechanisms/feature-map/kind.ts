import { ANY_SHAPE } from "../../core/shape.ts";
import { everything } from "../../pattern/band.ts";
import type { Kind } from "../kind.ts";
import { causalPrefix } from "../laws/causal-prefix.ts";
import { deterministic } from "../laws/deterministic.ts";
import { forbiddenKeys } from "../laws/forbidden-keys.ts";
import { independentHeads } from "../laws/independent-heads.ts";
import { saturation } from "../laws/saturation.ts";
import type { FeatureMap } from "./declare.ts";
import { featureMapOracle } from "./oracle.ts";
import { leastStep, leastWork, stepWork, work } from "./work.ts";

/** Linear attention through a feature map: Katharopoulos et al. 2020, arXiv 2006.16236, eq. 4. */
export const featureMapKind: Kind<FeatureMap> = {
  id: "featureMap",
  causality: "either",
  freedoms: ANY_SHAPE,
  // It has neither scores to scale nor a place for a mask.
  under: (mechanism) => mechanism,
  whyNotUnder: (_mechanism, { mask }) =>
    mask === undefined
      ? null
      : "linear attention sums all keys at once and takes no mask but causal; omit the mask from the input",
  work,
  leastWork,
  step: {
    work: stepWork,
    leastWork: leastStep,
    residentBytes: (_task, _window, { stateBytes }) => stateBytes,
    keeps: () => "keeps d·d + d numbers and no keys",
  },
  // Every query reads every key, through the state.
  pattern: everything,
  pairwise: false,
  scoreScale: () => null,
  oracle: featureMapOracle,
  oracleProducts: ({ rows, before, headDim }) => rows * before * headDim,
  laws: [deterministic, forbiddenKeys, independentHeads, causalPrefix, saturation],
};
