import { isFullAttention } from "../../record/schema/baseline.ts";
import { projectedShare } from "../worth.ts";
import type { Check } from "./check.ts";

/** Above this share of the baseline's layer, its projections hide what an attention takes. */
const MOST_OF_IT = 0.5;

/** Layers that spend most of their time on projections, even at the longest length and with full attention. */
export const mostlyProjections: Check = {
  id: "mostly-projections",
  find: ({ series }) =>
    series.filter(isFullAttention).flatMap((one) => {
      const row = one.rows.findLast((row) => projectedShare(row) !== null);
      return row === undefined || (projectedShare(row) ?? 0) <= MOST_OF_IT
        ? []
        : [{ text: TOLD, series: one, row }];
    }),
};

const TOLD =
  "projections take more than half of the layer even with full attention: the times say little about attention; measure longer lengths or a narrower layer (--model-dim)";
