import type { Problem } from "../../../core/problem.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import { type FeatureMap, learnedOf } from "../../../mechanisms/feature-map/declare.ts";
import type { Weights } from "../../stepper.ts";

/** What takes in one head of what the layer learned, from `at` on. */
interface Learner {
  learn(from: Float32Array, at: number): void;
}

/** Hands a head of what the layer learned to what computes with it; nothing if it learned nothing. */
export type Learned = (kvHead: number, learner: Learner) => void;

/** By the inputs of a call, which may hold other numbers at every call. */
export function learnedBy({ inputs, shape }: Problem, { feature }: FeatureMap): Learned {
  const learned = learnedOf(feature);
  if (learned === null) return () => {};
  const matrix = tensorNamed(inputs, learned.name);
  const size = learned.rows * shape.headDim;
  return (kvHead, learner) => learner.learn(matrix, kvHead * size);
}

/** By the weights that a stepper is given. */
export function learnedOnce(weights: Weights, { feature }: FeatureMap, headDim: number): Learned {
  const learned = learnedOf(feature);
  if (learned === null) return () => {};
  const matrix = weights[learned.name];
  if (matrix === undefined) throw new TypeError(`feature map: ${learned.name} must be among the weights`);
  const size = learned.rows * headDim;
  return (kvHead, learner) => learner.learn(matrix, kvHead * size);
}
