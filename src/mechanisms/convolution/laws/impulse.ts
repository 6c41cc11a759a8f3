import type { RowPlace } from "../../../core/rows.ts";
import { everyRow } from "../../../core/rows.ts";
import type { Law } from "../../laws/law.ts";
import type { Oracle } from "../../oracle.ts";
import { tokensBefore, WEIGHTS } from "../declare.ts";
import { changed, convolutionOf, inputOf, isOf } from "./convolution-problem.ts";

/** A 1 in one channel of one token, and zeros elsewhere, is answered by the taps in their order. */
export const impulse: Law = {
  title: "an impulse is answered by the taps, last to first",
  applies: (subject) => isOf(subject, "depthwise", "full"),
  async check(subject) {
    const problem = convolutionOf(subject);
    const { shape, mechanism, causal } = problem;
    const { batch, kvHeads, length, valueDim: d } = shape;
    const { taps, form } = mechanism;
    const token = Math.floor(length / 2);
    const channel = d - 1;
    const v = new Float32Array(batch * kvHeads * length * d);
    for (let slice = 0; slice < batch * kvHeads; slice++) v[(slice * length + token) * d + channel] = 1;
    const asked = changed(problem, {}, { v });
    const weights = inputOf(problem, WEIGHTS[form][0]);
    const exact = asked.kind.oracle(asked);
    const tapAt = ({ head, row }: RowPlace, c: number): number => {
      const t = token - row + tokensBefore(mechanism, causal);
      if (t < 0 || t >= taps) return 0;
      if (form === "depthwise") return c === channel ? weights[(head * taps + t) * d + c] : 0;
      return weights[((head * taps + t) * d + channel) * d + c];
    };
    const oracle: Oracle = {
      rows: (places, round) =>
        exact.rows(places, round).map((one, index) => ({
          ...one,
          values: one.values.map((_, c) => tapAt(places[index], c)),
        })),
    };
    return subject.compare(asked, oracle, everyRow(shape), await subject.output(asked));
  },
};
