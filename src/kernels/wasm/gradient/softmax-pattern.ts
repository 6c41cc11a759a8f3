import { type Gradient, isGradientOf } from "../../../mechanisms/gradient/declare.ts";
import { isSoftmaxPattern, type SoftmaxPattern } from "../../../mechanisms/softmax-pattern/declare.ts";
import type { Ability } from "../../by-kind.ts";
import { whyTooWide } from "../fits.ts";
import type { Means } from "../means.ts";
import { prepareSoftmaxGradient } from "./softmax-kernel.ts";

/** The gradient of softmax over a pattern: tiles, in which weights are computed once more. */
export const softmaxPatternGradient: Ability<Gradient<SoftmaxPattern>, Means> = {
  is: isGradientOf(isSoftmaxPattern),
  whyNot({ shape, mechanism }) {
    if (mechanism.of.score !== undefined) return "it computes no gradient of scores that are not products";
    return whyTooWide(shape);
  },
  prepare: prepareSoftmaxGradient,
};
