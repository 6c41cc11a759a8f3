import { isSoftmaxPattern, type SoftmaxPattern } from "../../mechanisms/softmax-pattern/declare.ts";
import { bindHeads } from "../../pattern/bind.ts";
import type { Ability } from "../by-kind.ts";
import { gathers, type TileCosts } from "../whether-to-gather.ts";
import { LANES } from "./code/transpose.ts";
import type { Means } from "./means.ts";
import { MOST_CHANNELS, ROWS, TILE } from "./pairwise/layout.ts";
import { prepareAttention } from "./pairwise/softmax-kernel.ts";

const COSTS: TileCosts = { queries: ROWS, panel: { queries: LANES, keys: TILE.keys }, gathered: 5 };

/** Attention over the pairs of a pattern, in tiles. */
export const softmaxPattern: Ability<SoftmaxPattern, Means> = {
  is: isSoftmaxPattern,
  whyNot(task) {
    const { headDim, valueDim } = task.shape;
    if (headDim > MOST_CHANNELS) return `a head must be at most ${MOST_CHANNELS} wide, got ${headDim}`;
    if (valueDim > MOST_CHANNELS) return `values must be at most ${MOST_CHANNELS} wide, got ${valueDim}`;
    if (gathers(bindHeads(task.mechanism, task), COSTS)) return "its tiles would be mostly empty";
    return null;
  },
  prepare: (problem, means) => prepareAttention(problem, problem.mechanism, means),
};
