import { type IdentityName, identityKey } from "../../record/schema/identity.ts";
import { lengthsOf, rowAt } from "../series.ts";
import { WORDS } from "../words.ts";
import type { Check } from "./check.ts";

/**
 * Lengths at which others of the same setting have a case and a series has none, not even one that was
 * skipped. Planned cases that never ran are reported for the whole run.
 */
export const missingCells: Check = {
  id: "missing-cells",
  find({ series, results }) {
    const planned = new Set(results.run.plan.cases.map((one) => identityKey(one, OPEN)));
    return [...Map.groupBy(series, (one) => one.setting).values()].flatMap((alike) => {
      const lengths = lengthsOf(alike);
      // Recomputing, which only the baseline does, is measured only as far as is affordable.
      return alike
        .filter((one) => !one.operation.ofBaselineAlone)
        .flatMap((one) =>
          lengths
            .filter((length) => rowAt(one, length) === undefined)
            .filter((length) => !planned.has(identityKey({ ...one.rows[0], length }, OPEN)))
            .map((length) => ({
              text: WORDS[one.operation.unit].missing,
              series: one,
              row: { length },
            })),
        );
    });
  },
};

/** What may differ in the planned case of a series: parameter defaults depend on the length. */
const OPEN: readonly IdentityName[] = ["params", "input"];
