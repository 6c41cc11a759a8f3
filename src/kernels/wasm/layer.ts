import type { Task } from "../../core/problem.ts";
import { callBytes, FLOAT_BYTES } from "../../core/shape.ts";
import { isLayer, type Layer, shapeOfHeads, taskOfHeads } from "../../mechanisms/layer/declare.ts";
import type { Abilities, Ability } from "../by-kind.ts";
import { MOST_BYTES } from "./fits.ts";
import { prepareLayer } from "./layer/layer-kernel.ts";
import { weightCounts } from "./layer/sizes.ts";
import type { Means } from "./means.ts";

/** Layers around heads of any kind that the family computes, which `inner` gives. */
export function layerOf(inner: () => Abilities<Means>): Ability<Layer, Means> {
  return {
    is: isLayer,
    whyNot: (task) => inner().whyNot(taskOfHeads(task)) ?? whyTooLarge(task),
    prepare: (problem, means) => prepareLayer(problem, inner(), means),
  };
}

/** Why tokens, heads and weights do not fit into one memory; null if they do. */
function whyTooLarge({ mechanism, shape }: Task<Layer>): string | null {
  const counts = weightCounts(mechanism, shape);
  const weights = FLOAT_BYTES * (counts.reduce((sum, count) => sum + count, 0) + Math.max(...counts));
  const bytes = callBytes(shape) + callBytes(shapeOfHeads(mechanism, shape)) + weights;
  return bytes <= MOST_BYTES
    ? null
    : "tokens, what its heads are given and the weights must fit into 3.5 GiB of 32-bit memory";
}
