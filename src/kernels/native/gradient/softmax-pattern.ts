import { type Gradient, isGradientOf, taskWithin } from "../../../mechanisms/gradient/declare.ts";
import { isSoftmaxPattern, type SoftmaxPattern } from "../../../mechanisms/softmax-pattern/declare.ts";
import type { Ability } from "../../by-kind.ts";
import type { Means } from "../means.ts";
import { softmaxPattern } from "../softmax-pattern.ts";
import { prepareSoftmaxGradient } from "./softmax-kernel.ts";

/** The gradient of softmax over a pattern: the tiles of the forward pass, whose weights are computed once more. */
export const softmaxPatternGradient: Ability<Gradient<SoftmaxPattern>, Means> = {
  is: isGradientOf(isSoftmaxPattern),
  whyNot: (task) => softmaxPattern.whyNot?.(taskWithin(task)) ?? null,
  prepare: prepareSoftmaxGradient,
};
