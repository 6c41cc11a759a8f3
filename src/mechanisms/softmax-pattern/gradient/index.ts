import type { GradientKind } from "../../gradient/gradient-kind.ts";
import type { SoftmaxPattern } from "../declare.ts";
import { learnedInputs } from "../learned.ts";
import { softmaxGradientLaws } from "./laws/index.ts";
import { softmaxGradientOracle } from "./oracle.ts";
import { gradientWork, leastGradientWork } from "./work.ts";

/** The gradient of softmax attention over a pattern, in any form. */
export const softmaxGradient: GradientKind<SoftmaxPattern> = {
  also: (mechanism) => Object.keys(learnedInputs(mechanism)),
  oracle: softmaxGradientOracle,
  work: gradientWork,
  leastWork: leastGradientWork,
  laws: softmaxGradientLaws,
  // Of each query that adds to a row: its scores, dout times its values, and what each may be moved by. Whether keys are
  // attended is asked for every query.
  oracleProducts({ rows, summed = 0, along = rows, heads, length, headDim, before }) {
    const queries = Math.min(along, rows - summed + (summed > 0 ? along : 0));
    return queries * before * 6 * headDim + (summed > 0 ? heads * length * summed : 0);
  },
};
