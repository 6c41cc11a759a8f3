import { isSoftmaxPattern, type SoftmaxPattern } from "../../mechanisms/softmax-pattern/declare.ts";
import type { Ability } from "../by-kind.ts";
import type { Means } from "./means.ts";
import { prepareSoftmaxSteps } from "./softmax-stepper.ts";
import { prepareSorted, whyNotSorted } from "./sorted-kernel.ts";
import { prepareTiles } from "./tile-kernel.ts";

/** Softmax over a pattern: tiles with online softmax, and a cache of keys and values. */
export const softmaxPattern: Ability<SoftmaxPattern, Means> = {
  is: isSoftmaxPattern,
  prepare: (problem, { output }) => prepareTiles(problem, problem.mechanism, output),
  decode: { prepare: (task, _means, weights) => prepareSoftmaxSteps(task, task.mechanism, weights) },
};

/** Split scores over all pairs, in O(N log N). */
export const sortedPattern: Ability<SoftmaxPattern, Means> = {
  is: isSoftmaxPattern,
  whyNot: whyNotSorted,
  prepare: (problem, { output }) => prepareSorted(problem, problem.mechanism, output),
};
