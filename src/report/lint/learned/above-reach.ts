import { type LearnedCheck, ofEachRow } from "./check.ts";

/** Standard deviations that no draw of test examples exceeds: one in 30 000. */
const DEVIATIONS = 4;

/**
 * Accuracies above what the mask can reach, by more than the draw of test examples explains. Answers of one example are not
 * independent, so that each example counts as one draw.
 */
export const aboveReach: LearnedCheck = {
  id: "above-reach",
  find: ofEachRow(({ accuracy, ceiling }, { test_examples: examples }) => {
    if (accuracy === null || ceiling === null || examples === 0) return null;
    const deviation = Math.sqrt((ceiling * (1 - ceiling)) / examples);
    return accuracy.most > ceiling + DEVIATIONS * deviation ? TOLD : null;
  }),
};

const TOLD =
  "it is right more often than its mask lets answers be known: either the reach or the task is wrong; do not believe this accuracy";
