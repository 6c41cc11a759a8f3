import { isSoftmaxPattern, type SoftmaxPattern } from "../../mechanisms/softmax-pattern/declare.ts";
import { bindHeads } from "../../pattern/bind.ts";
import type { Ability } from "../by-kind.ts";
import { whyNotDecoded } from "../decode/refuse.ts";
import { gathers, type TileCosts } from "../whether-to-gather.ts";
import { MOST_BYTES, whyTooWide } from "./fits.ts";
import { prepareGather } from "./gather-kernel.ts";
import { PANEL_KEYS, PANEL_QUERIES, TILE } from "./layout.ts";
import type { Means } from "./means.ts";
import { prepareSoftmax } from "./softmax-kernel.ts";
import { cacheBytes, prepareSoftmaxSteps } from "./softmax-stepper.ts";

/** Gathering: see the README for what was measured. */
export const COSTS: TileCosts = {
  queries: TILE.queries,
  panel: { queries: PANEL_QUERIES, keys: PANEL_KEYS.wide },
  gathered: 5,
};

/** Softmax over a pattern: tiles with online softmax, and a cache of keys and values. */
export const softmaxPattern: Ability<SoftmaxPattern, Means> = {
  is: isSoftmaxPattern,
  whyNot: ({ shape }) => whyTooWide(shape),
  prepare(problem, means) {
    const { mechanism } = problem;
    const patterns = bindHeads(mechanism, problem);
    if (gathers(patterns, COSTS)) return prepareGather(problem, mechanism, patterns, means);
    return prepareSoftmax(problem, mechanism, means);
  },
  decode: {
    whyNot(task) {
      const unfit = whyNotDecoded(task) ?? whyTooWide(task.shape);
      if (unfit !== null || cacheBytes(task, task.mechanism, MOST_BYTES) <= MOST_BYTES) return unfit;
      return "the keys and values that are kept must fit into 3.5 GiB of 32-bit memory";
    },
    prepare: (task, { build }, weights) => prepareSoftmaxSteps(task, task.mechanism, build, weights),
  },
};
