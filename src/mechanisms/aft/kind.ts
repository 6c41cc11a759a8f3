import { everything } from "../../pattern/band.ts";
import type { Kind } from "../kind.ts";
import { causalPrefix } from "../laws/causal-prefix.ts";
import { deterministic } from "../laws/deterministic.ts";
import { forbiddenKeys } from "../laws/forbidden-keys.ts";
import { independentHeads } from "../laws/independent-heads.ts";
import type { Aft } from "./declare.ts";
import { aftGradient } from "./gradient/index.ts";
import { aftLaws } from "./laws/index.ts";
import { learnedInputs } from "./learned.ts";
import { aftOracle } from "./oracle.ts";
import { table } from "./table.ts";
import { leastStep, leastWork, stepWork, work } from "./work.ts";

/** An attention-free transformer: Zhai et al. 2021, arXiv 2105.14103. */
export const aftKind: Kind<Aft> = {
  id: "aft",
  words: "an attention-free transformer",
  causality: "either",
  inputs: learnedInputs,
  under: (mechanism) => mechanism,
  whyNotUnder(_mechanism, { mask, scale }) {
    if (mask !== undefined) return "aft takes no mask but causal; omit the mask from the input";
    return scale === undefined
      ? null
      : "aft has no product of q and k to scale; omit --scale, or the scale from the input";
  },
  work,
  table,
  leastWork,
  step: {
    work: stepWork,
    leastWork: leastStep,
    residentBytes: (_task, _window, { stateBytes, stepBytes }) => Math.max(stateBytes, stepBytes / 2),
    keeps({ biases }) {
      if (biases === null) return "keeps 3·d numbers and no keys";
      return biases.window === 0
        ? "keeps every key"
        : `keeps ${biases.window - 1} keys, and 3·d numbers of those before`;
    },
  },
  // Every query reads every key: without a bias through sums.
  pattern: everything,
  pairwise: false,
  // What is returned of a constant is its gate.
  sumsToOne: () => false,
  directed: ({ biases }) => biases !== null,
  scoreScale: () => null,
  yardstick: () => null,
  opened: (mechanism) => mechanism,
  oracle: aftOracle,
  gradient: aftGradient,
  oracleProducts: ({ rows, length, headDim, heads, before, usefulFlops }) =>
    // An exponential costs as much as some ten products; sweeps are shared by all rows.
    10 * headDim * heads * length + rows * (usefulFlops / 2 + Math.min(before * headDim, usefulFlops) * 3),
  laws: [deterministic, forbiddenKeys, independentHeads, causalPrefix, ...aftLaws],
};
