import { type LearnedCheck, ofEachRow } from "./check.ts";

/** Runs that would be better after more steps. */
export const notConverged: LearnedCheck = {
  id: "not-converged",
  find: ofEachRow(({ stillGaining }) => (stillGaining > 0 ? TOLD : null)),
};

const TOLD =
  "not converged: accuracy still rose in the last fifth of the steps, so that this is how fast it learns, not what it can learn; more steps would tell";
