import { isSoftmaxPattern, type SoftmaxPattern } from "../../mechanisms/softmax-pattern/declare.ts";
import { bindHeads } from "../../pattern/bind.ts";
import type { Ability } from "../by-kind.ts";
import { whyNotDecoded } from "../decode/refuse.ts";
import { gathers, type TileCosts } from "../whether-to-gather.ts";
import { prepareGather } from "./gather-kernel.ts";
import type { Means } from "./means.ts";
import { prepareSoftmaxSteps } from "./softmax-stepper.ts";
import { prepareSorted, whyNotSorted } from "./sorted-kernel.ts";
import { prepareTiles, TILE } from "./tile-kernel.ts";

/** Gathering: see the README for what was measured. */
export const COSTS: TileCosts = {
  queries: TILE.queries,
  panel: { queries: 2, keys: 2 },
  gathered: 4,
};

/** Softmax over a pattern: tiles with online softmax, and a cache of keys and values. */
export const softmaxPattern: Ability<SoftmaxPattern, Means> = {
  is: isSoftmaxPattern,
  prepare(problem, { output }) {
    const { mechanism } = problem;
    const patterns = bindHeads(mechanism, problem);
    if (gathers(patterns, COSTS)) return prepareGather(problem, mechanism, patterns, output);
    return prepareTiles(problem, mechanism, output);
  },
  decode: {
    whyNot: whyNotDecoded,
    prepare: (task, _means, weights) => prepareSoftmaxSteps(task, task.mechanism, weights),
  },
};

/** Split scores over all pairs, in O(N log N). */
export const sortedPattern: Ability<SoftmaxPattern, Means> = {
  is: isSoftmaxPattern,
  whyNot: whyNotSorted,
  prepare: (problem, { output }) => prepareSorted(problem, problem.mechanism, output),
};
