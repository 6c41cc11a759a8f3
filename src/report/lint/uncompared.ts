import { BASELINE, comparedWith, isBaseline } from "../../record/schema/baseline.ts";
import { baselineOf } from "../series.ts";
import { isTimed, speedUp } from "../speed-up.ts";
import type { Check } from "./check.ts";

/** Measured cases of a sweep over another baseline than full attention of which no speed-up is known, at the longest length. */
export const uncompared: Check = {
  id: "uncompared",
  find: ({ series }) =>
    series.flatMap((one) => {
      if (comparedWith(one) === BASELINE || isBaseline(one) || one.operation.ofBaselineAlone) return [];
      const row = one.rows.findLast((own) => isTimed(own) && speedUp(one, own.length) === null);
      const name = baselineOf([one]);
      return row === undefined
        ? []
        : [
            {
              text: `no speed-up is told, since ${name} was not measured by the same kernel`,
              series: one,
              row,
            },
          ];
    }),
};
