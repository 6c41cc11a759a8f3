import { everyRow } from "../../../core/rows.ts";
import type { Law } from "../../laws/law.ts";
import { WEIGHTS } from "../declare.ts";
import { changed, convolutionOf, inputOf, isOf } from "./convolution-problem.ts";

/** Where channels are not mixed a full convolution is a depthwise one. */
export const diagonalTaps: Law = {
  title: "a full convolution whose taps are diagonal is the depthwise one",
  applies: (subject) => isOf(subject, "full"),
  async check(subject) {
    const problem = convolutionOf(subject);
    const { valueDim: d, heads } = problem.shape;
    const { taps } = problem.mechanism;
    const full = inputOf(problem, WEIGHTS.full[0]);
    const diagonal = new Float32Array(full.length);
    const own = new Float32Array(heads * taps * d);
    for (let tap = 0; tap < heads * taps; tap++) {
      for (let c = 0; c < d; c++) {
        const at = (tap * d + c) * d + c;
        diagonal[at] = own[tap * d + c] = full[at];
      }
    }
    const asked = changed(problem, {}, { [WEIGHTS.full[0]]: diagonal });
    const like = changed(problem, { form: "depthwise" }, { [WEIGHTS.depthwise[0]]: own });
    const oracle = like.kind.oracle(like);
    const slack = asked.kind.oracle(asked);
    // What zeros add is exact; the sums of a full convolution may err as those of its own reference.
    const rows: typeof oracle.rows = (places, round) => {
      const allowed = slack.rows(places, round);
      return oracle.rows(places, round).map((row, index) => ({ ...row, slack: allowed[index].slack }));
    };
    return subject.compare(asked, { rows }, everyRow(problem.shape), await subject.output(asked));
  },
};
