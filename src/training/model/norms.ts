import type { Tensor } from "../arrays/tensor.ts";
import type { Weights } from "./parameters.ts";

/** What is added to the mean square of a row. */
const EPSILON = 1e-5;

/** Rows with mean 0 and variance 1, scaled and shifted: Ba, Kiros, Hinton 2016, arXiv 1607.06450. */
export function layerNorm(x: Tensor, weights: Weights, name: string): Tensor {
  const centred = x.sub(x.mean(-1));
  return rmsNorm(centred)
    .mul(weights(`${name}.scale`))
    .add(weights(`${name}.shift`));
}

/** Rows with mean square 1: Zhang, Sennrich 2019, arXiv 1910.07467. */
export function rmsNorm(x: Tensor): Tensor {
  return x.div(x.mul(x).mean(-1).add(EPSILON).sqrt());
}
