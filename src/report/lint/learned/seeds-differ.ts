import { type LearnedCheck, ofEachRow } from "./check.ts";

/** Shares of right answers between the best and the worst seed, from which on a mean says little. */
const FAR_APART = 0.2;

/** Test seeds that ended far apart. */
export const seedsDiffer: LearnedCheck = {
  id: "seeds-differ",
  find: ofEachRow(({ accuracy }) =>
    accuracy !== null && accuracy.most - accuracy.least > FAR_APART ? TOLD : null,
  ),
};

const TOLD =
  "its test seeds end more than 20 points apart: look at each dot, not at their mean; more seeds would tell more";
