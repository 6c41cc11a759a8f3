import { type Convolution, isConvolution } from "../../../mechanisms/convolution/declare.ts";
import { type Gradient, isGradientOf, taskWithin } from "../../../mechanisms/gradient/declare.ts";
import type { Ability } from "../../by-kind.ts";
import { convolution } from "../convolution.ts";
import type { Means } from "../means.ts";
import { prepareConvolutionGradient } from "./convolution-kernel.ts";

/** The gradients of convolutions, and of networks over a window: panels of channels, tap by tap. */
export const convolutionGradient: Ability<Gradient<Convolution>, Means> = {
  is: isGradientOf(isConvolution),
  whyNot: (task) => convolution.whyNot?.(taskWithin(task)) ?? null,
  prepare: prepareConvolutionGradient,
};
