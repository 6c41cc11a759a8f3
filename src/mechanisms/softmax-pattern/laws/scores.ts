import { rowsOf, withInputs, zeros } from "../../laws/twins.ts";
import type { SoftmaxPattern } from "../declare.ts";
import { sameAs, withForms } from "./same-as.ts";

const learned = (mechanism: SoftmaxPattern): boolean =>
  mechanism.score !== undefined && mechanism.turn === undefined;

/** Bahdanau, Cho, Bengio 2014, arXiv 1409.0473, eq. 6: the sum over channels has no order. */
export const channelsReorder = sameAs(
  "reordering the channels of q, k and what scores learned changes nothing",
  learned,
  (problem) => {
    const backwards = rowsOf(problem, (row, made) => made.set(row.toReversed()));
    return {
      asked: withInputs(problem, { q: backwards, k: backwards, w: backwards, a: backwards, b: backwards }),
      like: problem,
    };
  },
);

/** Scores that have learned nothing are all 0. */
export const nothingLearned = sameAs(
  "scores that have learned nothing weigh all keys alike",
  learned,
  (problem) => ({
    asked: withInputs(problem, { w: zeros, a: zeros, b: zeros }),
    like: withForms(withInputs(problem, { q: zeros }), { score: undefined, scale: 1 }),
  }),
);

/** Brody, Alon, Yahav 2021, arXiv 2105.14491: without its kink, a score is a sum of one of the query and one of the key. */
export const kinkless = sameAs(
  "without a kink, the query cancels in softmax",
  ({ score, normaliser, turn }) =>
    score !== undefined && "slope" in score && normaliser === undefined && turn === undefined,
  (problem) => {
    const { score } = problem.mechanism;
    if (score === undefined || !("slope" in score)) return { asked: problem, like: problem };
    const straight = withForms(problem, { score: { ...score, slope: 1 } });
    return { asked: straight, like: withInputs(straight, { q: zeros }) };
  },
);
