import type { Task } from "../../core/problem.ts";
import { isSoftmaxPattern, type SoftmaxPattern } from "../../mechanisms/softmax-pattern/declare.ts";
import { bindHeads } from "../../pattern/bind.ts";
import type { Ability } from "../by-kind.ts";
import { whyNotDecoded } from "../decode/refuse.ts";
import { gathers, type TileCosts } from "../whether-to-gather.ts";
import { LANES } from "./code/transpose.ts";
import { prepareSoftmaxSteps } from "./decode/softmax-stepper.ts";
import type { Means } from "./means.ts";
import { MOST_CHANNELS, ROWS, TILE } from "./pairwise/layout.ts";
import { prepareAttention } from "./pairwise/softmax-kernel.ts";

const COSTS: TileCosts = { queries: ROWS, panel: { queries: LANES, keys: TILE.keys }, gathered: 5 };

/** Attention over the pairs of a pattern, in tiles. */
export const softmaxPattern: Ability<SoftmaxPattern, Means> = {
  is: isSoftmaxPattern,
  whyNot(task) {
    const unfit = whyTooWide(task);
    if (unfit !== null) return unfit;
    if (task.shape.queries > LANES && gathers(bindHeads(task.mechanism, task), COSTS))
      return "its tiles would be mostly empty";
    return null;
  },
  prepare: (problem, means) => prepareAttention(problem, problem.mechanism, means),
  decode: {
    whyNot: (task) => whyNotDecoded(task) ?? whyTooWide(task),
    prepare: (task, { ffi }, weights) => prepareSoftmaxSteps(task, task.mechanism, weights, ffi),
  },
};

function whyTooWide({ shape: { headDim, valueDim } }: Task): string | null {
  if (headDim > MOST_CHANNELS) return `a head must be at most ${MOST_CHANNELS} wide, got ${headDim}`;
  if (valueDim > MOST_CHANNELS) return `values must be at most ${MOST_CHANNELS} wide, got ${valueDim}`;
  return null;
}
