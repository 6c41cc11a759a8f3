import { everything } from "../../pattern/band.ts";
import type { Kind } from "../kind.ts";
import { deterministic } from "../laws/deterministic.ts";
import { independentHeads } from "../laws/independent-heads.ts";
import type { Fourier } from "./declare.ts";
import { fourierGradient } from "./gradient.ts";
import { constantAlone, twiceOver, unitImpulse } from "./laws/transforms.ts";
import { fourierOracle } from "./oracle.ts";
import { table } from "./table.ts";
import { leastWork, work } from "./work.ts";

/** The real part of the Fourier transform of the values, over tokens and channels: Lee-Thorp et al. 2021, arXiv 2105.03824. */
export const fourierKind: Kind<Fourier> = {
  id: "fourier",
  words: "a Fourier transform",
  // Every frequency takes all tokens.
  causality: "never",
  // Rows are frequencies, as many as tokens of v, whose heads may be shared, and have its width.
  freedoms: ["kvHeads", "valueDim"],
  reads: () => ["v"],
  under: (mechanism) => mechanism,
  whyNotUnder(_mechanism, { mask, scale }) {
    if (mask !== undefined)
      return "a Fourier transform takes all tokens and no mask; omit the mask from the input";
    return scale === undefined
      ? null
      : "a Fourier transform has no scores to scale; omit --scale, or the scale from the input";
  },
  work,
  table,
  leastWork,
  pattern: everything,
  pairwise: false,
  sumsToOne: () => false,
  scoreScale: () => null,
  yardstick: () => null,
  oracle: fourierOracle,
  gradient: fourierGradient,
  oracleProducts: ({ rows, length, headDim }) => 2 * rows * headDim * (length + headDim),
  laws: [deterministic, independentHeads, unitImpulse, constantAlone, twiceOver],
};
