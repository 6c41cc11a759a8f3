import { aft } from "../../src/mechanisms/aft/declare.ts";
import { aftParameters } from "./aft-parameters.ts";

/**
 * AFT whose position biases are 0 at distances of `window` and more. Keys there are not masked: they weigh `e^{k_j}` in every
 * row alike, so that sums stand for them, and the work is linear.
 *
 * Departs: nothing.
 */
export const aftLocal = aft({
  id: "aft-local",
  title: "AFT-local",
  summary: "AFT whose biases of positions reach over a window, and keys beyond count alike",
  tags: ["mixing", "linear"],
  source: "Zhai et al. 2021, arXiv 2105.14103",
  params: aftParameters(128),
  biases: (values) => values,
  exponent: ({ window }) => (window === 0 ? 2 : 1),
});
