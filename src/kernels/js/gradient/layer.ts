import type { Task } from "../../../core/problem.ts";
import { type Gradient, isGradientOf } from "../../../mechanisms/gradient/declare.ts";
import { isLayer, type Layer, shapeOfHeads } from "../../../mechanisms/layer/declare.ts";
import type { Abilities, Ability } from "../../by-kind.ts";
import type { Means } from "../means.ts";
import { prepareLayerGradient } from "./layer-kernel.ts";
import { headsAlso } from "./layer-tensors.ts";

/** The gradients of layers around heads of which the family computes them. */
export function layerGradientOf(heads: () => Abilities<Means>): Ability<Gradient<Layer>, Means> {
  return {
    is: isGradientOf(isLayer),
    whyNot: (task) => heads().whyNot(taskOfHeads(task)),
    prepare: (problem, { output }) =>
      prepareLayerGradient(problem, output, (of, made) => heads().prepare(of, { output: made })),
  };
}

/** The gradient of the heads. */
function taskOfHeads({ mechanism, shape, ...task }: Task<Gradient<Layer>>): Task {
  const { of: layer, also } = mechanism;
  const heads = { ...mechanism, of: layer.inner, also: headsAlso(also) };
  return { ...task, mechanism: heads, shape: shapeOfHeads(layer, shape) };
}
