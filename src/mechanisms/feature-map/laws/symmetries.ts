import { rowsOf, withInputs, zeros } from "../../laws/twins.ts";
import { learnedOf, RELU } from "../declare.ts";
import { sameAs } from "./same-as.ts";

/** Sums over channels have no order; only a roll does. */
export const channelsReorder = sameAs(
  "reordering the channels of q, k and what features learned changes nothing",
  (feature) => feature.kind !== "rolled",
  (problem) => {
    const backwards = rowsOf(problem, (row, made) => made.set(row.toReversed()));
    const learned = learnedOf(problem.mechanism.feature);
    return {
      asked: withInputs(problem, {
        q: backwards,
        k: backwards,
        ...(learned && { [learned.name]: backwards }),
      }),
      like: problem,
    };
  },
);

/** `1 + s + s²/2` is 1, and softmax over channels is 1/d. */
export const evenQueries = sameAs(
  "queries of 0 weigh all keys alike",
  (feature) => feature.kind === "taylor" || feature.kind === "channel-softmax",
  (problem) => ({
    asked: withInputs(problem, { q: zeros }),
    like: withInputs(problem, { q: zeros, k: zeros }),
  }),
);

/** Zhang et al. 2024, arXiv 2402.04347: softmax knows only differences of channels. */
export const channelsShift = sameAs(
  "adding 1 to all channels changes nothing",
  (feature) => feature.kind === "channel-softmax",
  (problem) => {
    const more = (values: Float32Array) => values.map((x) => x + 1);
    // Adding rounds, and subtracting the same again does not.
    const again = (values: Float32Array) => more(values).map((x) => x - 1);
    return {
      asked: withInputs(problem, { q: more, k: more }),
      like: withInputs(problem, { q: again, k: again }),
    };
  },
);

/** The same: the two halves of the features change places. */
export const signsCancel = sameAs(
  "negating queries and keys changes nothing",
  (feature) => feature.kind === "channel-softmax",
  (problem) => {
    const negated = (values: Float32Array) => values.map((x) => -x);
    return { asked: withInputs(problem, { q: negated, k: negated }), like: problem };
  },
);

/** Qin et al. 2022, arXiv 2202.08791: the cosine of a distance that is nothing beside the horizon is 1. */
export const farHorizon = sameAs(
  "with a horizon far away positions do not count",
  (feature) => feature.kind === "reweighted",
  (problem) => {
    const { mechanism } = problem;
    const far = { kind: "reweighted", horizon: 2 ** 40 } as const;
    return {
      asked: { ...problem, mechanism: { ...mechanism, feature: far } },
      like: { ...problem, mechanism: { ...mechanism, feature: RELU } },
    };
  },
);
