import type { CaseRow, Results } from "../record/case-row.ts";
import { median } from "../stats/median.ts";
import { countText } from "../text/count-text.ts";
import { formatPercent } from "../text/format.ts";
import { halfWidth } from "./tables/cell.ts";
import { warningsOf } from "./warnings.ts";

/** Whether results can be trusted: as a sign, and in words that say the same without it. */
export interface TrustSign {
  readonly sign: "✓" | "⚠" | "✗";
  readonly text: string;
}

/**
 * `✓ 35 of 35 cases verified and measured, ±0.8 %`: ✗ if a case failed or none was measured, ⚠ if a case has no time or
 * there are warnings. The percentage is half the usual 95 % interval of a time.
 */
export function trustSign(results: Results): TrustSign {
  const { rows } = results;
  const count = (outcome: CaseRow["outcome"]) => rows.filter((row) => row.outcome === outcome).length;
  const [measured, failed] = [count("measured"), count("failed")];
  const warnings = warningsOf(results).length;
  const widths = rows.map(halfWidth).filter((width) => width !== null);
  const parts = [
    `${measured} of ${countText(rows.length, "case")} verified and measured`,
    ...(widths.length === 0 ? [] : [`±${formatPercent(median(widths))}`]),
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(warnings === 0 ? [] : [countText(warnings, "warning")]),
  ];
  const bad = failed > 0 || measured === 0;
  return { sign: bad ? "✗" : measured < rows.length || warnings > 0 ? "⚠" : "✓", text: parts.join(", ") };
}
