import { type LearnedCheck, ofEachRow } from "./check.ts";

/** Test runs that were lost where others were not: the mean is of those that remain. */
export const seedsLost: LearnedCheck = {
  id: "seeds-lost",
  find: ofEachRow(({ state, lost }) => (state === "tested" && lost.length > 0 ? TOLD : null)),
};

const TOLD = "some of its test seeds diverged or failed, and its mean is of the others alone";
