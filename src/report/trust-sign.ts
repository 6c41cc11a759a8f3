import type { CaseRow, Results } from "../record/case-row.ts";
import { median } from "../stats/median.ts";
import { countText } from "../text/count-text.ts";
import { formatPercent } from "../text/format.ts";
import { runsText } from "./learning/checked-lines.ts";
import { isLearnedOnly } from "./learning/learned-only.ts";
import { halfWidth } from "./tables/cell.ts";
import { warningsOf } from "./warnings.ts";

/** Whether results can be trusted: as a sign, and in words that say the same without it. */
export interface TrustSign {
  readonly sign: "✓" | "⚠" | "✗";
  readonly text: string;
}

/**
 * `✓ 35 of 35 cases verified and measured, ±0.8 %`: ✗ if a case failed or none was measured, ⚠ if a case has no time or
 * there are warnings. The same of runs of what was learned. The percentage is half the usual 95 % interval of a time.
 */
export function trustSign(results: Results): TrustSign {
  const { rows, learned } = results;
  const count = (outcome: CaseRow["outcome"]) => rows.filter((row) => row.outcome === outcome).length;
  const [measured, failed] = [count("measured"), count("failed")];
  const warnings = warningsOf(results).length;
  const widths = rows.map(halfWidth).filter((width) => width !== null);
  const alone = isLearnedOnly(results);
  const runs = learned?.runs ?? [];
  const trained = runs.filter(({ outcome }) => outcome === "trained").length;
  const broken = runs.some(({ outcome }) => outcome === "failed") || (alone && trained === 0);
  const parts = [
    ...(alone ? [] : [`${measured} of ${countText(rows.length, "case")} verified and measured`]),
    ...(widths.length === 0 ? [] : [`±${formatPercent(median(widths))}`]),
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(learned === undefined ? [] : [runsText(learned)]),
    ...(warnings === 0 ? [] : [countText(warnings, "warning")]),
  ];
  const bad = failed > 0 || (measured === 0 && !alone) || broken;
  const partly = measured < rows.length || trained < runs.length;
  return { sign: bad ? "✗" : partly || warnings > 0 ? "⚠" : "✓", text: parts.join(", ") };
}
