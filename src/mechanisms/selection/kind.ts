import { QKV } from "../../core/shape.ts";
import { everything } from "../../pattern/band.ts";
import type { Kind } from "../kind.ts";
import { causalPrefix } from "../laws/causal-prefix.ts";
import { constantValues } from "../laws/constant-values.ts";
import { deterministic } from "../laws/deterministic.ts";
import { independentHeads } from "../laws/independent-heads.ts";
import { saturation } from "../laws/saturation.ts";
import { FULL_ATTENTION } from "../yardstick.ts";
import { choiceSpecs, type Selection } from "./declare.ts";
import { selectionGradient } from "./gradient/index.ts";
import { forbiddenKeysOfPrefixes, selectionLaws } from "./laws/index.ts";
import { NSA_LAWS } from "./laws/nsa-branches.ts";
import { selectionOracle } from "./oracle.ts";
import { truthOf } from "./rules/index.ts";
import { leastStep, leastWork, stepOf, stepWork, work } from "./work.ts";

/** Products that choosing a row's keys and judging a choice take, besides those of the row: each in two precisions. */
const PASSES = 4;

/** Softmax attention over keys that a rule chooses from q and k. */
export const selectionKind: Kind<Selection> = {
  id: "selection",
  words: "attention over chosen keys",
  causality: "either",
  causalityOf: ({ rule }) => truthOf(rule).causality,
  whyNotDecoded({ rule }) {
    const { step } = truthOf(rule);
    return typeof step === "string" ? step : null;
  },
  keepsPrefixes: ({ rule }) => truthOf(rule).keepsPrefixes,
  freedoms: ["kvHeads", "valueDim"],
  whyNotShape: ({ rule }, shape) => truthOf(rule).whyNotShape?.(rule, shape) ?? null,
  reads: ({ rule }) => truthOf(rule).reads ?? QKV,
  inputs: ({ rule }) => truthOf(rule).inputs?.(rule) ?? {},
  under: (mechanism, { scale }) => (scale === undefined ? mechanism : { ...mechanism, scale }),
  whyNotUnder: (_mechanism, { mask }) =>
    mask === undefined
      ? null
      : "a rule chooses among all keys and takes no mask but causal; omit the mask from the input",
  work,
  table: ({ rule }, causal) => truthOf(rule).table(rule, causal),
  leastWork,
  step: {
    work: stepWork,
    leastWork: leastStep,
    residentBytes: (_task, _window, { stateBytes, stepBytes }) => Math.max(stateBytes, stepBytes),
    keeps: (mechanism) => stepOf({ mechanism }).keeps,
  },
  // Any key may be chosen.
  pattern: ({ rule }) => ({ ...everything(), text: rule.id }),
  pairwise: false,
  sumsToOne: ({ rule }) => truthOf(rule).sumsToOne,
  directed: () => true,
  scoreScale: ({ scale }, headDim) => scale ?? 1 / Math.sqrt(headDim),
  yardstick: (mechanism) => {
    const own = truthOf(mechanism.rule).yardstick;
    return own === undefined ? FULL_ATTENTION : own(mechanism);
  },
  choices: ({ rule }, shape) => choiceSpecs(rule, shape),
  oracle: selectionOracle,
  gradient: selectionGradient,
  oracleProducts: ({ rows, length, before, headDim, usefulFlops }) =>
    rows * (PASSES * before * headDim + length + usefulFlops / 4),
  laws: [
    deterministic,
    forbiddenKeysOfPrefixes,
    independentHeads,
    constantValues,
    causalPrefix,
    saturation,
    ...selectionLaws,
    ...NSA_LAWS,
  ],
};
