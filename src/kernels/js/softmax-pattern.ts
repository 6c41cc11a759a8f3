import { isSoftmaxPattern, type SoftmaxPattern } from "../../mechanisms/softmax-pattern/declare.ts";
import type { Ability } from "../by-kind.ts";
import { whyNotDecoded } from "../decode/refuse.ts";
import type { Means } from "./means.ts";
import { prepareSoftmaxSteps } from "./softmax-stepper.ts";
import { prepareTiles } from "./tile-kernel.ts";

/** Softmax over a pattern: tiles with online softmax, and a cache of keys and values. */
export const softmaxPattern: Ability<SoftmaxPattern, Means> = {
  is: isSoftmaxPattern,
  prepare: (problem, { output }) => prepareTiles(problem, problem.mechanism, output),
  decode: {
    whyNot: whyNotDecoded,
    prepare: (task, _means, weights) => prepareSoftmaxSteps(task, task.mechanism, weights),
  },
};
