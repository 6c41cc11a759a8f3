import { withInputs, zeros } from "../../laws/twins.ts";
import { sameAs, withForms } from "./same-as.ts";

/** Wortsman et al. 2023, arXiv 2309.08586: relu(2s) = 2·relu(s), and no number is larger than the rest lets it be. */
export const homogeneous = sameAs(
  "with a rectifier, twice the queries give twice the output",
  ({ normaliser, score, bias }) => normaliser?.kind === "relu" && score === undefined && bias === undefined,
  (problem) => ({
    asked: withInputs(problem, { q: (values) => values.map((x) => 2 * x) }),
    like: problem,
    times: () => 2,
  }),
);

/** Ramapuram et al. 2024, arXiv 2409.04431: all weights are σ(b), with b = -ln n 1 / (1 + n). */
export const evenSigmoid = sameAs(
  "with a logistic function, queries of 0 weigh all keys by that of its bias",
  ({ normaliser, score, bias }) =>
    normaliser?.kind === "sigmoid" && score === undefined && bias === undefined,
  (problem) => {
    const { normaliser } = problem.mechanism;
    const given = normaliser?.kind === "sigmoid" ? normaliser.bias : null;
    const asked = withInputs(problem, { q: zeros });
    return {
      asked,
      like: withForms(asked, { normaliser: undefined }),
      times: (keys) => keys / (1 + (given === null ? keys : Math.exp(-given))),
    };
  },
);

/** A sink far below all scores takes no weight. */
export const deepSink = sameAs(
  "a sink far below all scores changes nothing",
  ({ normaliser }) => normaliser?.kind === "sink",
  (problem) => ({
    asked: withForms(problem, { normaliser: { kind: "sink", logit: -1e4 } }),
    like: withForms(problem, { normaliser: undefined }),
  }),
);
