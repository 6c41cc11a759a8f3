import { isSoftmaxPattern, type SoftmaxPattern } from "../../mechanisms/softmax-pattern/declare.ts";
import type { Ability } from "../by-kind.ts";
import type { Runnable } from "../kernel.ts";
import { softmaxSteps } from "./decode/softmax-steps.ts";
import type { Means } from "./means.ts";

/** Softmax over a pattern. */
export const softmaxPattern: Ability<SoftmaxPattern, Means, Promise<Runnable>> = {
  is: isSoftmaxPattern,
  whyNot: () => "it decodes only",
  prepare: () => Promise.reject(new TypeError("it decodes only")),
  decode: softmaxSteps,
};
