import type { Normaliser } from "../../pairwise/normaliser.ts";
import { sigmoid } from "./weighing.ts";

/**
 * Turns the first `count` scores into the weights of a row that attends so many keys, softmax's if there is no
 * normaliser. What their sum of values is to be multiplied by goes behind them: a number that is returned could be
 * boxed.
 */
export function weighRow(normaliser: Normaliser | undefined, weights: Float64Array, count: number): void {
  switch (normaliser?.kind) {
    case undefined:
      // Less a maximum of -∞, scores of -∞ would be NaN; a row of nothing else has the sum 0, and so is NaN.
      weighSoftmax(weights, count, -Number.MAX_VALUE, 0);
      break;
    case "sink":
      weighSoftmax(weights, count, normaliser.logit, 1);
      break;
    case "relu":
      for (let n = 0; n < count; n++) weights[n] = Math.max(weights[n], 0);
      weights[count] = count ** -normaliser.alpha;
      break;
    case "sigmoid": {
      const added = normaliser.bias ?? -Math.log(count);
      for (let n = 0; n < count; n++) weights[n] = sigmoid(weights[n] + added);
      weights[count] = 1;
      break;
    }
    default:
      normaliser satisfies never;
  }
}

/** `total` is what weighs at `maximum` before any key does. */
function weighSoftmax(weights: Float64Array, count: number, maximum: number, total: number): void {
  let largest = maximum;
  for (let n = 0; n < count; n++) if (weights[n] > largest) largest = weights[n];
  let sum = total * Math.exp(maximum - largest);
  for (let n = 0; n < count; n++) {
    const weight = Math.exp(weights[n] - largest);
    weights[n] = weight;
    sum += weight;
  }
  weights[count] = 1 / sum;
}
