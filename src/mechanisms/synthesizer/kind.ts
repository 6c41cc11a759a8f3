import { everything } from "../../pattern/band.ts";
import type { Kind } from "../kind.ts";
import { causalPrefix } from "../laws/causal-prefix.ts";
import { constantValues } from "../laws/constant-values.ts";
import { deterministic } from "../laws/deterministic.ts";
import { forbiddenKeys } from "../laws/forbidden-keys.ts";
import { independentHeads } from "../laws/independent-heads.ts";
import type { Synthesizer } from "./declare.ts";
import { synthesizerGradient } from "./gradient.ts";
import { synthesizerLaws } from "./laws/index.ts";
import { learnedInputs } from "./learned.ts";
import { synthesizerOracle } from "./oracle.ts";
import { table } from "./table.ts";
import { leastStep, leastWork, stepWork, work } from "./work.ts";

/** Softmax over logits that no product of a query and a key makes: Tay et al. 2020, arXiv 2005.00743. */
export const synthesizerKind: Kind<Synthesizer> = {
  id: "synthesizer",
  words: "a synthesizer",
  causality: "either",
  // What is learned has the heads of v, and a row for each token that is query and key.
  freedoms: ["valueDim"],
  reads: ({ logits }) => (logits.kind === "dense" ? ["q", "v"] : ["v"]),
  inputs: learnedInputs,
  under: (mechanism) => mechanism,
  whyNotUnder(_mechanism, { mask, scale }) {
    if (mask !== undefined) return "a synthesizer takes no mask but causal; omit the mask from the input";
    if (scale === undefined) return null;
    return "a synthesizer has no product of q and k to scale; omit --scale, or the scale from the input";
  },
  work,
  table,
  leastWork,
  step: {
    work: stepWork,
    leastWork: leastStep,
    residentBytes: (_task, _window, { stateBytes, stepBytes }) => Math.max(stateBytes, stepBytes),
    keeps: () => "keeps every value and no key",
  },
  pattern: everything,
  pairwise: true,
  // Its rows and columns are positions.
  directed: () => true,
  scoreScale: () => null,
  yardstick: () => null,
  opened: (mechanism) => mechanism,
  oracle: synthesizerOracle,
  gradient: synthesizerGradient,
  oracleProducts: ({ rows, before, usefulFlops }) => rows * (before + usefulFlops / 4),
  laws: [deterministic, forbiddenKeys, independentHeads, constantValues, causalPrefix, ...synthesizerLaws],
};
