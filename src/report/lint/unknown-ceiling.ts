import { bestCeiling, isOnDevice } from "../../record/schema/best-ceiling.ts";
import { countText } from "../../text/count-text.ts";
import { shortName } from "../../text/labels.ts";
import { type Check, ofEachCase } from "./check.ts";

/**
 * Cases for which it is unknown whether the machine can be that fast. Files from before ceilings were
 * measured report nothing.
 */
export const unknownCeiling: Check = {
  id: "unknown-ceiling",
  find: ofEachCase((row, _, { run: { environment } }) => {
    const { median_s, threads, kernel } = row;
    if (median_s === null || environment.ceilings === undefined || bestCeiling(row, environment) !== null)
      return null;
    const who = `kernel ${shortName(kernel)}`;
    return isOnDevice(row, environment)
      ? `what the device of ${who} reaches is not known: whether it can be that fast was compared with nothing`
      : `the machine's ceiling on ${countText(threads, "thread")} is not known: whether ${who} can be that fast was not compared with it, only with what no processor exceeds`;
  }),
};
