import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";

/** Loshchilov, Hutter 2017, arXiv 1711.05101, with PyTorch's numbers but for the decay, which is that of Zoology. */
const DECAY = 0.1;
const BETAS = [0.9, 0.999] as const;
const EPSILON = 1e-8;
/** The longest gradient; others are brought to this length. */
const LONGEST = 1;
/** What is added to a gradient's length before it divides. */
const LENGTH_EPSILON = 1e-6;

/** Parameters, and the means of their gradients and of the squares of those, each a vector. */
export interface Optimised {
  readonly parameters: Tensor;
  readonly means: Tensor;
  readonly squares: Tensor;
}

/** What a step is given besides the gradient, `[3]`: the rate, and by what the two means are multiplied, of which few are. */
export function stepNumbers(arrays: Arrays, rate: number, step: number): Tensor {
  return arrays.tensor([rate, ...BETAS.map((beta) => 1 / (1 - beta ** step))], 3);
}

/** One step, with the gradient clipped. */
export function adamW(
  { parameters, means, squares }: Optimised,
  gradient: Tensor,
  numbers: Tensor,
): Optimised {
  const [rate, ofMeans, ofSquares] = [0, 1, 2].map((at) => numbers.part(0, at, at + 1));
  const length = gradient.mul(gradient).sum(0).sqrt().add(LENGTH_EPSILON);
  const clipped = gradient.mul(length.mul(0).add(LONGEST).div(length).atMost(1));
  const [beta1, beta2] = BETAS;
  const nextMeans = means.mul(beta1).add(clipped.mul(1 - beta1));
  const nextSquares = squares.mul(beta2).add(clipped.mul(clipped).mul(1 - beta2));
  const by = nextMeans.mul(ofMeans).div(nextSquares.mul(ofSquares).sqrt().add(EPSILON));
  return {
    parameters: parameters.sub(parameters.mul(DECAY).add(by).mul(rate)),
    means: nextMeans,
    squares: nextSquares,
  };
}
