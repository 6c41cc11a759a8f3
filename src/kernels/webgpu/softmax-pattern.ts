import { isReduced } from "../../core/dtype.ts";
import { isSoftmaxPattern, type SoftmaxPattern } from "../../mechanisms/softmax-pattern/declare.ts";
import type { Ability } from "../by-kind.ts";
import type { Runnable } from "../kernel.ts";
import { softmaxSteps } from "./decode/softmax-steps.ts";
import { whyNotHalves } from "./halves.ts";
import type { Means } from "./means.ts";
import { preparePairs } from "./pairs/prepare.ts";

/** Softmax over a pattern: tiles with an online softmax. */
export const softmaxPattern: Ability<SoftmaxPattern, Means, Promise<Runnable>> = {
  is: isSoftmaxPattern,
  whyNot: ({ shape, dtype }) => (isReduced(dtype) ? whyNotHalves(shape) : null),
  prepare: (problem, means) => preparePairs(problem, means),
  decode: softmaxSteps,
};
