import { whyNotShape } from "../../core/shape.ts";
import { type Convolution, isConvolution } from "../../mechanisms/convolution/declare.ts";
import type { Ability } from "../by-kind.ts";
import { prepareImageConvolution } from "./convolution-image.ts";
import { prepareConvolution } from "./convolution-kernel.ts";
import { prepareConvolutionSteps } from "./convolution-stepper.ts";
import type { Means } from "./means.ts";

/** Convolutions over the tokens, and networks over a window of them. */
export const convolution: Ability<Convolution, Means> = {
  is: isConvolution,
  whyNot: ({ shape }) => whyNotShape(shape, ["kvHeads", "valueDim"]),
  prepare: (problem, { output }) =>
    problem.mechanism.image === undefined
      ? prepareConvolution(problem, problem.mechanism, output)
      : prepareImageConvolution(problem, problem.mechanism, problem.mechanism.image, output),
  decode: {
    whyNot: ({ mechanism }) =>
      mechanism.image === undefined ? null : "it decodes no convolution of an image",
    prepare: (task, _means, weights) => prepareConvolutionSteps(task, task.mechanism, weights),
  },
};
