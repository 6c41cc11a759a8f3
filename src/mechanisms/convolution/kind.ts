import { whyNotWhole } from "../../pattern/whole-rows.ts";
import type { Kind } from "../kind.ts";
import { causalPrefix } from "../laws/causal-prefix.ts";
import { deterministic } from "../laws/deterministic.ts";
import { forbiddenKeys } from "../laws/forbidden-keys.ts";
import { independentHeads } from "../laws/independent-heads.ts";
import { type Convolution, convolutionWeights } from "./declare.ts";
import { convolutionGradient } from "./gradient.ts";
import { diagonalTaps } from "./laws/diagonal-taps.ts";
import { impulse } from "./laws/impulse.ts";
import { movedWindow } from "./laws/moved-window.ts";
import { tokenByToken } from "./laws/token-by-token.ts";
import { windowOnly } from "./laws/window-only.ts";
import { convolutionOracle } from "./oracle.ts";
import { table } from "./table.ts";
import { windowOf } from "./window.ts";
import { leastStep, leastWork, stepWork, work } from "./work.ts";

/** Convolutions over the tokens, and a network of two layers over a window: what self-attention is compared with. */
export const convolutionKind: Kind<Convolution> = {
  id: "convolution",
  words: "a convolution",
  causality: "either",
  causalityOf: ({ image }) => (image === undefined ? "either" : "never"),
  // Rows are tokens of v, whose heads may be shared, and have its width; q and k are not read.
  freedoms: ["kvHeads", "valueDim"],
  // The same that its pattern says, which the heads of a layer whose pixels are pooled do not have.
  whyNotShape({ image }, { length }) {
    const why = image === undefined ? null : whyNotWhole(image.width, length);
    return why === null ? null : `a convolution ${why}`;
  },
  reads: () => ["v"],
  inputs: convolutionWeights,
  under: (mechanism) => mechanism,
  whyNotUnder(_mechanism, { mask, scale }) {
    if (mask !== undefined) return "a convolution takes no mask but causal; omit the mask from the input";
    return scale === undefined
      ? null
      : "a convolution has no scores to scale; omit --scale, or the scale from the input";
  },
  work,
  table,
  leastWork,
  step: {
    work: stepWork,
    leastWork: leastStep,
    residentBytes: (_task, _window, { stateBytes }) => stateBytes,
    keeps: ({ taps }) => `keeps ${taps - 1} values and no keys`,
  },
  pattern: (mechanism, causal = false) => windowOf(mechanism, causal),
  pairwise: false,
  sumsToOne: () => false,
  scoreScale: () => null,
  yardstick: () => null,
  oracle: convolutionOracle,
  gradient: convolutionGradient,
  oracleProducts: ({ rows, usefulFlops }) => (rows * usefulFlops) / 2,
  laws: [
    deterministic,
    forbiddenKeys,
    independentHeads,
    causalPrefix,
    windowOnly,
    movedWindow,
    impulse,
    diagonalTaps,
    tokenByToken,
  ],
};
