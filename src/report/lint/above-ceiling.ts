import { type Check, ofEachCase } from "./check.ts";

/** Cases that computed faster than the machine's best rate. */
export const aboveCeiling: Check = {
  id: "above-ceiling",
  find: ofEachCase(({ percent_of_ceiling: percent }) =>
    percent !== null && percent > 100
      ? "computes faster than the machine's ceiling: the ceiling was measured at a bad moment, or work is counted that is not done; run again on a quiet machine"
      : null,
  ),
};
