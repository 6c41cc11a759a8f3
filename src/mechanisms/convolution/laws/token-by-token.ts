import { everyRow } from "../../../core/rows.ts";
import type { Law } from "../../laws/law.ts";
import type { Oracle } from "../../oracle.ts";
import { tokensBefore, WEIGHTS } from "../declare.ts";
import { changed, convolutionOf, inputOf, isOf } from "./convolution-problem.ts";

/** A window of one token is a network of two layers on each token by itself. */
export const tokenByToken: Law = {
  title: "over a window of one token, a network makes each row of its own token alone",
  applies: (subject) => isOf(subject, "network"),
  async check(subject) {
    const problem = convolutionOf(subject);
    const { shape, mechanism, causal } = problem;
    const { valueDim: d, heads } = shape;
    const [name] = WEIGHTS.network;
    const own = tokensBefore(mechanism, causal);
    const w1 = new Float32Array(heads * d * d);
    for (let head = 0; head < heads; head++) {
      const at = (head * mechanism.taps + own) * d * d;
      w1.set(inputOf(problem, name).subarray(at, at + d * d), head * d * d);
    }
    const asked = changed(problem, { taps: 1 }, { [name]: w1 });
    // The same rows of the wide window, if nothing else in it is weighed.
    const alone = new Float32Array(heads * mechanism.taps * d * d);
    for (let head = 0; head < heads; head++) {
      alone.set(w1.subarray(head * d * d, (head + 1) * d * d), (head * mechanism.taps + own) * d * d);
    }
    const wide = changed(problem, {}, { [name]: alone });
    const exact = asked.kind.oracle(asked);
    const like = wide.kind.oracle(wide);
    const oracle: Oracle = {
      rows(places, round) {
        const slack = like.rows(places, round);
        return exact.rows(places, round).map((row, index) => ({ ...row, slack: slack[index].slack }));
      },
    };
    const narrow = subject.compare(asked, exact, everyRow(shape), await subject.output(asked));
    return narrow ?? subject.compare(wide, oracle, everyRow(shape), await subject.output(wide));
  },
};
