import type { RowPlace } from "../../../core/rows.ts";
import { everyRow } from "../../../core/rows.ts";
import { layoutOf, offsetIn } from "../../../core/shape.ts";
import type { Law } from "../../laws/law.ts";
import { tokensBefore } from "../declare.ts";
import { convolutionOf } from "./convolution-problem.ts";

/** A causal window is the centred one, moved: row i is row i - m of the centred, m = ⌈taps/2⌉ - 1. Images have none. */
export const movedWindow: Law = {
  title: "the causal rows are the centred ones, later",
  applies: (subject) => !subject.causal && convolutionOf(subject).mechanism.image === undefined,
  async check(subject) {
    const problem = convolutionOf(subject);
    const { shape, mechanism, kind } = problem;
    const moved = tokensBefore(mechanism, true) - tokensBefore(mechanism, false);
    const centred = await subject.output({ ...problem, causal: false });
    const causal = { ...problem, causal: true };
    const later = await subject.output(causal);
    const layout = layoutOf(shape, "output");
    const compared: RowPlace[] = [];
    for (const place of everyRow(shape)) {
      const { batch, head, row } = place;
      // Both are compared with the same reference, each where the other has that row.
      if (row < moved) continue;
      compared.push(place);
      const from = offsetIn(layout, batch, head, row - moved);
      later.set(centred.subarray(from, from + shape.valueDim), offsetIn(layout, batch, head, row));
    }
    if (compared.length === 0) return null;
    return subject.compare(causal, kind.oracle(causal), compared, later);
  },
};
