import { countText } from "../../text/count-text.ts";
import { shortName } from "../../text/labels.ts";
import { type Check, ofEachCase } from "./check.ts";

/**
 * Cases for which it is unknown whether the machine can be that fast. Files from before ceilings were
 * measured report nothing.
 */
export const unknownCeiling: Check = {
  id: "unknown-ceiling",
  find: ofEachCase(({ median_s, threads, kernel }, _, { run: { environment } }) => {
    const { ceilings } = environment;
    if (median_s === null || ceilings === undefined) return null;
    if (ceilings.some((one) => one.threads === threads)) return null;
    return `the machine's ceiling on ${countText(threads, "thread")} is not known: whether kernel ${shortName(kernel)} can be that fast was not compared with it, only with what no processor exceeds`;
  }),
};
