import type { FormName } from "../../core/form-names.ts";
import { isLayer, type Layer, taskOfHeads } from "../../mechanisms/layer/declare.ts";
import { whyNotForms } from "../../pairwise/forms.ts";
import type { Abilities, Ability } from "../by-kind.ts";
import { prepareLayer } from "./layer/layer-kernel.ts";
import type { Means } from "./means.ts";

/** Layers around heads of any kind that the family computes, which `inner` gives, in these forms. */
export function layerOf(inner: () => Abilities<Means>, forms: readonly FormName[]): Ability<Layer, Means> {
  return {
    is: isLayer,
    whyNot(task) {
      if (task.mechanism.pool !== null) return "it pools no squares of pixels";
      const heads = taskOfHeads(task);
      return whyNotForms(heads.mechanism, forms) ?? inner().whyNot(heads);
    },
    prepare: (problem, means) => prepareLayer(problem, inner(), means),
  };
}
