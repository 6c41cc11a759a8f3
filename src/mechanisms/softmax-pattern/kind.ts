import { ANY_SHAPE } from "../../core/shape.ts";
import { type Turn, whyNotTurned } from "../../pairwise/turn.ts";
import { everything } from "../../pattern/band.ts";
import { keysOfSteps } from "../../pattern/keys-of-steps.ts";
import { onlyRows } from "../../pattern/only-rows.ts";
import type { Kind } from "../kind.ts";
import { causalPrefix } from "../laws/causal-prefix.ts";
import { constantValues } from "../laws/constant-values.ts";
import { deterministic } from "../laws/deterministic.ts";
import { forbiddenKeys } from "../laws/forbidden-keys.ts";
import { independentHeads } from "../laws/independent-heads.ts";
import { saturation } from "../laws/saturation.ts";
import { FULL_ATTENTION, type Yardstick } from "../yardstick.ts";
import { type SoftmaxPattern, scaleOf } from "./declare.ts";
import { softmaxGradient } from "./gradient/index.ts";
import { keepsKeys } from "./kept-keys.ts";
import { formLaws } from "./laws/index.ts";
import { pairCount } from "./laws/pair-count.ts";
import { learnedInputs } from "./learned.ts";
import { softmaxOracle } from "./oracle.ts";
import { table } from "./table.ts";
import { underCall } from "./under-call.ts";
import { leastStep, leastWork, stepWork, tokenBytes, work } from "./work.ts";

/** Full softmax attention of q and k that are turned as well. */
function turnedAttention(turn: Turn): Yardstick<SoftmaxPattern> {
  return {
    text: `full attention of turned q and k (${Object.values(turn).join(", ")})`,
    oracle(problem, call) {
      const { kind } = problem.mechanism;
      return softmaxOracle({ ...problem, mechanism: underCall({ kind, pattern: everything(), turn }, call) });
    },
  };
}

/**
 * Softmax attention over a pattern: Vaswani et al. 2017, arXiv 1706.03762, eq. 1, over the keys that a row
 * attends; and its forms, in which scores and weights are made otherwise.
 */
export const softmaxPatternKind: Kind<SoftmaxPattern> = {
  id: "softmaxPattern",
  causality: "either",
  readsOwnQuery: true,
  freedoms: ANY_SHAPE,
  whyNotShape({ pattern, turn }, { queries, length, headDim }) {
    if (turn !== undefined && whyNotTurned(headDim) !== null) return whyNotTurned(headDim);
    if (queries <= length || pattern.role === "full") return null;
    return `${pattern.text} says nothing of queries before the first key, got ${queries} for ${length} keys; full attention takes them`;
  },
  under: underCall,
  inputs: learnedInputs,
  whyNotUnder({ score }, { scale }) {
    if (score === undefined || scale === undefined) return null;
    return `a scale is the factor on q·k, and its scores are not products, got a scale of ${scale}`;
  },
  work,
  table,
  leastWork,
  step: {
    work: stepWork,
    leastWork: leastStep,
    residentBytes(task, window, { stepBytes }) {
      return Math.max(stepBytes, tokenBytes(task.shape) * keysOfSteps(task.mechanism, task, window));
    },
    keeps: keepsKeys,
  },
  pattern: ({ pattern }) => pattern,
  pairwise: true,
  sumsToOne: ({ normaliser }) => normaliser === undefined,
  directed: ({ turn }) => turn !== undefined,
  scoreScale: (mechanism, headDim) => (mechanism.score === undefined ? scaleOf(mechanism, headDim) : null),
  yardstick({ turn, score }) {
    // Of other scores it is no approximation.
    if (score !== undefined) return null;
    return turn === undefined ? FULL_ATTENTION : turnedAttention(turn);
  },
  nearness({ pattern, score, bias, normaliser }) {
    // A bias and other weights than softmax's are there to be learned with, and not to save work.
    if (score !== undefined || bias !== undefined || normaliser !== undefined) return "own";
    return pattern.role === "full" ? "exact" : "approximate";
  },
  opened: (mechanism) => ({ ...mechanism, pattern: everything() }),
  limited: (mechanism, stretch, kept) => ({
    ...mechanism,
    pattern: onlyRows(mechanism.pattern, stretch, kept),
  }),
  oracle: softmaxOracle,
  gradient: softmaxGradient,
  // Asking whether each earlier token is attended costs about as much as one product.
  oracleProducts: ({ rows, before, usefulFlops }) => rows * (before + usefulFlops / 4),
  laws: [
    pairCount,
    deterministic,
    forbiddenKeys,
    independentHeads,
    constantValues,
    causalPrefix,
    saturation,
    ...formLaws,
  ],
};
