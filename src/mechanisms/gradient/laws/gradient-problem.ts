import { type OutputTensor, placeText, rowsIn } from "../../../core/outputs.ts";
import type { RowPlace } from "../../../core/rows.ts";
import { layoutOf, offsetIn } from "../../../core/shape.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import type { JudgedProblem } from "../../judged.ts";
import { copyInputs, firstDifference, problemOf, type Subject } from "../../laws/law.ts";
import { DOUT } from "../declare.ts";

/** The problem of a subject on copies of its inputs, which a law may change. */
export function ownProblem(subject: Subject): JudgedProblem {
  return problemOf(subject, copyInputs(subject.inputs));
}

/** Fills the rows of dout that are chosen, in every batch entry and head. */
export function fillDout(
  { shape, inputs }: JudgedProblem,
  value: number,
  isChosen: (row: number) => boolean,
): void {
  const dout = tensorNamed(inputs, DOUT);
  const layout = layoutOf(shape, "output");
  for (let slice = 0; slice < shape.batch * shape.heads; slice++) {
    for (let row = 0; row < shape.queries; row++) {
      if (!isChosen(row)) continue;
      const at = offsetIn(layout, 0, slice, row);
      dout.fill(value, at, at + layout.width);
    }
  }
}

/** The first of the rows that `of` names whose bits differ, in words with what was done; null if none does. */
export function changedRow(
  outputs: readonly OutputTensor[],
  [before, after]: readonly [Float32Array, Float32Array],
  of: (place: RowPlace) => boolean,
  done: string,
): string | null {
  for (const { place, at, width } of rowsIn(outputs)) {
    if (!of(place)) continue;
    const different = firstDifference(before, after, at, at + width);
    if (different < 0) continue;
    return `${placeText(place)}, column ${different - at}: ${before[different]} became ${after[different]} ${done}`;
  }
  return null;
}
