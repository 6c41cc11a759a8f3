import { type LearnedCheck, ofEachRow } from "./check.ts";

/** Test runs by another rate than the choosing runs chose: whoever wrote the file did not follow the protocol. */
export const otherRate: LearnedCheck = {
  id: "other-rate",
  find: ofEachRow(({ best, rate, tests }) =>
    best !== null && tests.length > 0 && rate !== best ? TOLD : null,
  ),
};

const TOLD =
  "its test runs were trained by another learning rate than its choosing runs chose: the rate may have been chosen by what is reported";
