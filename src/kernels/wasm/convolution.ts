import { whyNotShape } from "../../core/shape.ts";
import { type Convolution, isConvolution } from "../../mechanisms/convolution/declare.ts";
import type { Ability } from "../by-kind.ts";
import { prepareConvolution } from "./convolution-kernel.ts";
import { prepareConvolutionSteps } from "./convolution-stepper.ts";
import { whyTooWide } from "./fits.ts";
import type { Means } from "./means.ts";

/** Convolutions over the tokens, and networks over a window of them. */
export const convolution: Ability<Convolution, Means> = {
  is: isConvolution,
  whyNot: ({ mechanism, shape }) =>
    mechanism.image !== undefined && mechanism.form !== "full"
      ? "of images it computes convolutions from all channels to all channels, and no others"
      : (whyNotShape(shape, ["kvHeads", "valueDim"]) ?? whyTooWide(shape)),
  prepare: (problem, means) => prepareConvolution(problem, problem.mechanism, means),
  decode: {
    whyNot: ({ mechanism }) =>
      mechanism.image === undefined ? null : "it decodes no convolution of an image",
    prepare: (task, { build }, weights) => prepareConvolutionSteps(task, task.mechanism, build, weights),
  },
};
