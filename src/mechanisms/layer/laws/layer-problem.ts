import type { RowPlace } from "../../../core/rows.ts";
import { everyRow } from "../../../core/rows.ts";
import { layoutOf, offsetIn } from "../../../core/shape.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import type { JudgedProblem } from "../../judged.ts";
import { problemOf, type Subject } from "../../laws/law.ts";
import { float64 } from "../../oracle.ts";
import { isSoftmaxPattern, type SoftmaxPattern } from "../../softmax-pattern/declare.ts";
import type { LayerProblem } from "../as-convolution.ts";
import { isLayer, type Layer } from "../declare.ts";

/** The problem of a subject. Throws for another kind's. */
export function layerOf(subject: Subject): LayerProblem {
  const problem = problemOf(subject);
  const { mechanism } = problem;
  if (!isLayer(mechanism)) throw new TypeError(`law: not one of ${mechanism.kind}`);
  return { ...problem, mechanism };
}

/** The problem with other fields of the layer, and some inputs in the place of what they were. */
export function changed(
  problem: LayerProblem,
  mechanism: Partial<Layer>,
  inputs: Readonly<Record<string, Float32Array>> = {},
): LayerProblem {
  return {
    ...problem,
    mechanism: { ...problem.mechanism, ...mechanism },
    inputs: { ...problem.inputs, ...inputs },
  };
}

/** An input of a problem by its name. */
export function inputOf({ inputs }: Pick<JudgedProblem, "inputs">, name: string): Float32Array {
  return tensorNamed(inputs, name);
}

/** What heads that are softmax attention compute; null if they are something else. */
export function softmaxOf({ filled: { mechanism } }: Subject): SoftmaxPattern | null {
  return isLayer(mechanism) && isSoftmaxPattern(mechanism.inner) ? mechanism.inner : null;
}

/** Rows of a problem's output by its definition, all computed when the first is asked for. */
export function definedRows(problem: JudgedProblem): (place: RowPlace) => Float64Array {
  const layout = layoutOf(problem.shape, "output");
  let rows: Map<number, Float64Array> | undefined;
  return (place) => {
    if (rows === undefined) {
      const places = everyRow(problem.shape);
      const all = problem.kind.oracle(problem).rows(places, float64);
      rows = new Map(all.map(({ values }, at) => [keyOf(places[at]), values]));
    }
    const row = rows.get(keyOf(place));
    if (row === undefined) throw new RangeError(`law: has no row ${place.row}`);
    return row;
  };
  function keyOf({ batch, head, row }: RowPlace): number {
    return offsetIn(layout, batch, head, row);
  }
}
