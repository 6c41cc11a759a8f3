import type { Pattern } from "../../core/pattern.ts";
import { ANY_SHAPE, shapeOf } from "../../core/shape.ts";
import { everything } from "../../pattern/band.ts";
import type { Kind } from "../kind.ts";
import { causalPrefix } from "../laws/causal-prefix.ts";
import { constantValues } from "../laws/constant-values.ts";
import { deterministic } from "../laws/deterministic.ts";
import { forbiddenKeys } from "../laws/forbidden-keys.ts";
import { independentHeads } from "../laws/independent-heads.ts";
import { saturation } from "../laws/saturation.ts";
import { AT_ONCE } from "../table-row.ts";
import { chainOf, poolingOf, type Step, type Summary } from "./declare.ts";
import { summaryGradient } from "./gradient/index.ts";
import { keysReorder } from "./laws/keys-reorder.ts";
import { oneSummary } from "./laws/one-summary.ts";
import { leastWork } from "./least.ts";
import { summaryOracle } from "./oracle.ts";
import { summarySteps } from "./step.ts";
import { endedBlocks, neverCausal } from "./visible.ts";
import { work } from "./work.ts";

/** Attention through a few summaries of the tokens, by chains of matrix steps. */
export const summaryKind: Kind<Summary> = {
  id: "summary",
  words: "attention through summaries",
  causality: "either",
  freedoms: ANY_SHAPE,
  whyNotShape: (mechanism, shape) => mechanism.whyNot?.(shape) ?? null,
  inputs: ({ inputs }) => inputs,
  under: (mechanism, { scale }) => (scale === undefined ? mechanism : { ...mechanism, scale }),
  whyNotUnder({ text, ...rest }, { mask, scale }) {
    if (mask !== undefined) {
      return `${text} takes no mask but causal: summaries are of all tokens; omit the mask from the input`;
    }
    if (scale === undefined || scaled({ text, ...rest })) return null;
    return `a scale is the factor on q·k, and ${text} has no such product, got a scale of ${scale}`;
  },
  work,
  // The variants say what it costs. A summary holds all tokens at once, except where it must not hold those to come.
  table(mechanism, causal) {
    const seen = visibleTokens(mechanism, causal);
    const { path } = seen.terms?.(causal) ?? {};
    return { sequential: AT_ONCE, ...(path && { path: [path] }), ...(causal && { layers: [seen] }) };
  },
  leastWork,
  step: summarySteps,
  pattern: visibleTokens,
  pairwise: false,
  sumsToOne: ({ sumsToOne }) => sumsToOne,
  scoreScale: (mechanism, headDim) =>
    scaled(mechanism) ? (mechanism.scale ?? 1 / Math.sqrt(headDim)) : null,
  oracle: summaryOracle,
  gradient: summaryGradient,
  // Each summary once a head, with what a rounding may move it by, in loops some 30 times as fast as others.
  oracleProducts: ({ rows, heads, length, headDim, usefulFlops }) =>
    (heads * length * usefulFlops) / 32 + rows * length * headDim,
  laws: [
    deterministic,
    forbiddenKeys,
    independentHeads,
    constantValues,
    causalPrefix,
    saturation,
    keysReorder,
    oneSummary,
  ],
};

/** A row that is causal reads the tokens of the blocks that have ended. */
function visibleTokens(mechanism: Summary, causal = false): Pattern {
  if (!mechanism.causal) return neverCausal(mechanism.text);
  const pooling = causal ? poolingOf(usualChain(mechanism, true)) : null;
  return pooling === null ? everything() : endedBlocks(pooling.size);
}

/** Whether scores are products of q and k, which have a scale. */
function scaled(mechanism: Summary): boolean {
  return usualChain(mechanism, false).every(
    (step) => step.step !== "attend" || (step.queries !== null && step.keys !== null),
  );
}

const USUAL = shapeOf({ batch: 1, heads: 1, length: 64, headDim: 8 });

function usualChain(mechanism: Summary, causal: boolean): readonly Step[] {
  return chainOf(mechanism, USUAL, causal);
}
