import { tensorNamed } from "../../../core/tensors.ts";
import type { Bias } from "../../../pairwise/bias.ts";
import { BIAS_TABLE, bindBiases } from "../../../pairwise/bind-biases.ts";
import { type Law, problemOf } from "../../laws/law.ts";
import { withInputs } from "../../laws/twins.ts";
import { isSoftmaxPattern } from "../declare.ts";
import { sameAs, withForms } from "./same-as.ts";

/** The definition of a bias and what kernels read of it are two answers to one question. */
export const biasByDistance: Law = {
  title: "a bias is a matter of the distance of query and key",
  applies: ({ filled: { mechanism } }) => isSoftmaxPattern(mechanism) && mechanism.bias !== undefined,
  async check(subject) {
    const { mechanism, inputs, causal, shape } = problemOf(subject);
    const bias = isSoftmaxPattern(mechanism) ? mechanism.bias : undefined;
    if (bias === undefined) return null;
    const { heads, length, queries } = shape;
    const place = (token: number): number => bias.place?.(token) ?? token;
    const table = bias.table && tensorNamed(inputs, BIAS_TABLE);
    for (const [head, { at, of }] of bindBiases(bias, { heads, causal }, table).entries()) {
      for (let query = length - queries; query < length; query++) {
        for (let key = 0; key < (causal ? query + 1 : length); key++) {
          const [defined, read] = [at(query, key), of(place(key) - place(query))];
          if (defined === read) continue;
          return `head ${head}: query ${query} and key ${key} have ${defined}, and their distance ${read}`;
        }
      }
    }
    return null;
  },
};

/**
 * A number that all scores of a row have added cancels in softmax: ALiBi's causal form adds `slope · j` to the
 * key in the place of `-slope · (i - j)`.
 */
export const rowsShift = sameAs(
  "what is added to all scores of a row cancels in softmax",
  ({ bias, normaliser }) => bias !== undefined && normaliser === undefined,
  (problem) => {
    const { bias } = problem.mechanism;
    return { asked: problem, like: withForms(problem, { bias: bias && fromFirstKey(bias) }) };
  },
);

/** A bias less what it adds to the score of the first key. */
function fromFirstKey(bias: Bias): Bias {
  return {
    ...bias,
    bind(context) {
      const { at, of } = bias.bind(context);
      return { at: (query, key) => at(query, key) - at(query, 0), of };
    },
  };
}

/** A table of one number adds it to all scores. */
export const constantTable = sameAs(
  "a bias that is the same everywhere changes nothing in softmax",
  ({ bias, normaliser }) => bias?.table !== undefined && normaliser === undefined,
  (problem) => ({
    asked: withInputs(problem, { [BIAS_TABLE]: (values) => values.slice().fill(0.75) }),
    like: withForms(problem, { bias: undefined }),
  }),
);
