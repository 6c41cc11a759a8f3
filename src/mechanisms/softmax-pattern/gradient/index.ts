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
    // dk and dv are of the same keys; each is made of as many queries as attend it, mostly as many as a query attends keys.
    const adding = Math.min(along, (summed * before) / 2);
    const asked = (rows - summed) * length;
    return (rows - summed + adding) * before * 3 * headDim + asked + heads * length * summed;
  },
};
