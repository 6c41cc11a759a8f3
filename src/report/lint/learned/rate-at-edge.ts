import { type LearnedCheck, ofEachRow } from "./check.ts";

/** Rates that were chosen at an end of those tried. */
export const rateAtEdge: LearnedCheck = {
  id: "rate-at-edge",
  find: ofEachRow(({ edge }) =>
    edge === null ? null : `its learning rate is the ${edge} that was tried: one beyond it may be better`,
  ),
};
