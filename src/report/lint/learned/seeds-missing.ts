import { type LearnedCheck, ofEachRow } from "./check.ts";

/** Variants of which not every test seed was run. */
export const seedsMissing: LearnedCheck = {
  id: "seeds-missing",
  find: ofEachRow(({ state, tests, lost }, { test_seeds: seeds }) => {
    if (state === "unsupported" || state === "failed" || state === "diverged") return null;
    const missing = new Set(seeds).size - tests.length - lost.length;
    return missing > 0 ? TOLD : null;
  }),
};

const TOLD = "not all of its test seeds were run: the study ended early; run it again with --resume";
