import type { Mechanism } from "../../core/mechanism.ts";
import type { Shape } from "../../core/shape.ts";
import { ownShape, sizesBy, type TensorSpec } from "../../core/tensor-spec.ts";
import { builtInKinds } from "../../mechanisms/kinds.ts";
import { isRecurrence } from "../../mechanisms/recurrence/declare.ts";
import type { Parameter } from "./parameters.ts";

/** An input of a mechanism by its name. */
type Named = readonly [name: string, spec: TensorSpec];

/**
 * What a mechanism is given that belongs to its layer: what training makes useful, such as a Synthesizer's logits, which a model
 * with it learns besides what all models do, and what serves as it is drawn, such as a Performer's features.
 */
export function weightsOf(mechanism: Mechanism): {
  readonly learned: readonly Named[];
  readonly drawn: readonly Named[];
} {
  const specs = builtInKinds.judged({ mechanism }).kind.inputs?.(mechanism) ?? {};
  const all = Object.entries(specs).filter(([, { of }]) => of === "weights");
  // A, by which a time step decays, is left as it was drawn; the step itself is given.
  if (isRecurrence(mechanism) && mechanism.write.form === "given-step") return { learned: [], drawn: all };
  return {
    learned: all.filter(([, { untrained = false }]) => !untrained),
    drawn: all.filter(([, { untrained = false }]) => untrained),
  };
}

/** The name among a model's parameters of what a mechanism learns at a place such as `layers.0`. */
export function learnedName(place: string, name: string): string {
  return `${place}.attention.${name}`;
}

/** What a mechanism learns at a place, over a call of this shape; at first as its kind draws it. */
export function learnedParameters(place: string, mechanism: Mechanism, shape: Shape): readonly Parameter[] {
  return weightsOf(mechanism).learned.map(([name, spec]) => ({
    name: learnedName(place, name),
    shape: sizesBy(shape, spec),
    fill(random, to) {
      const own = ownShape(spec, shape);
      const { std = 1 } = spec;
      const deviation = typeof std === "number" ? std : std(own);
      if (spec.fill !== undefined) spec.fill(random, to, own);
      else for (let at = 0; at < to.length; at++) to[at] = deviation * random.gaussian();
    },
  }));
}
