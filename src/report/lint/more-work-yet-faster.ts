import type { CaseRow } from "../../record/case-row.ts";
import { isFullAttention } from "../../record/schema/baseline.ts";
import { contestOf } from "../../record/schema/identity.ts";
import type { Series } from "../series.ts";
import { isTimed, type TimedRow } from "../speed-up.ts";
import type { Check } from "./check.ts";

/**
 * Cases that are slower than one that computes more, when the two are comparable: the same variant with other
 * parameters, or the baseline, whose pairs include every pattern's. Two different patterns may well run at
 * different rates, and do; so may a case with a little less work, hence the bound.
 */
export const moreWorkYetFaster: Check = {
  id: "more-work-yet-faster",
  find({ series }) {
    const timed = series.flatMap((one) => one.rows.filter(isWorked).map((row) => ({ series: one, row })));
    const places = [...Map.groupBy(timed, ({ row }) => contestOf(row)).values()];
    return places.flatMap((cases) =>
      cases.flatMap((slow) => {
        const beaten = cases.find((other) => isKin(other.series, slow.series) && beats(other.row, slow.row));
        return beaten === undefined ? [] : [{ text: told(beaten.series), ...slow }];
      }),
    );
  },
};

function told({ label, operation }: Series): string {
  if (operation.keepsState) {
    return `computes less than half of what ${label} does for a token and is yet slower: a fixed cost of each step or memory holds it back; look at its percent of the read bandwidth and measure later positions`;
  }
  return `computes less than half of what ${label} does and is yet slower: a fixed cost, memory or the kernel holds it back; look at its percent of ceiling and measure longer lengths`;
}

function isKin(other: Series, slow: Series): boolean {
  return other !== slow && (isFullAttention(other) || other.variant === slow.variant);
}

function beats(other: WorkedRow, slow: WorkedRow): boolean {
  if (!(other.executed_flops > MORE * slow.executed_flops)) return false;
  if (other.high_s !== null && slow.low_s !== null) return other.high_s < slow.low_s;
  return other.median_s < slow.median_s;
}

/** By what factor the work must differ for two cases to be compared. */
const MORE = 2;

type WorkedRow = TimedRow & { readonly executed_flops: number };

function isWorked(row: CaseRow): row is WorkedRow {
  return isTimed(row) && row.executed_flops !== null && row.executed_flops > 0;
}
