import { isSoftmaxPattern, type SoftmaxPattern } from "../../mechanisms/softmax-pattern/declare.ts";
import type { Ability } from "../by-kind.ts";
import { whyNotDecoded } from "../decode/refuse.ts";
import { MOST_BYTES, whyTooWide } from "./fits.ts";
import type { Means } from "./means.ts";
import { prepareSoftmax } from "./softmax-kernel.ts";
import { cacheBytes, prepareSoftmaxSteps } from "./softmax-stepper.ts";

/** Softmax over a pattern: tiles with online softmax, and a cache of keys and values. */
export const softmaxPattern: Ability<SoftmaxPattern, Means> = {
  is: isSoftmaxPattern,
  whyNot: ({ shape }) => whyTooWide(shape),
  prepare: (problem, means) => prepareSoftmax(problem, problem.mechanism, means),
  decode: {
    whyNot(task) {
      const unfit = whyNotDecoded(task) ?? whyTooWide(task.shape);
      if (unfit !== null || cacheBytes(task, task.mechanism, MOST_BYTES) <= MOST_BYTES) return unfit;
      return "the keys and values that are kept must fit into 3.5 GiB of 32-bit memory";
    },
    prepare: (task, { build }, weights) => prepareSoftmaxSteps(task, task.mechanism, build, weights),
  },
};
