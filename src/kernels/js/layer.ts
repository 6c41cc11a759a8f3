import type { Problem } from "../../core/problem.ts";
import { isLayer, type Layer, taskOfHeads } from "../../mechanisms/layer/declare.ts";
import type { Abilities, Ability } from "../by-kind.ts";
import { prepareLayer } from "./layer-kernel.ts";
import type { Means } from "./means.ts";

/** Layers around whatever else the family computes. */
export function layerOf(heads: () => Abilities<Means>): Ability<Layer, Means> {
  return {
    is: isLayer,
    whyNot: (task) => heads().whyNot(taskOfHeads(task)),
    prepare: (problem, { output }) =>
      prepareLayer(problem, problem.mechanism, output, (of: Problem, made) =>
        heads().prepare(of, { output: made }),
      ),
  };
}
