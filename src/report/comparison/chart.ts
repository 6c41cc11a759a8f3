import type { TopLevelSpec } from "vega-lite";
import type { Comparison } from "../../compare/comparison.ts";
import { ratioChart } from "../charts/ratio.ts";
import { renderSvg } from "../svg.ts";
import { type NamedCell, namedCells } from "./cell-names.ts";
import { shareText } from "./change-text.ts";
import { byWeight, decisiveTime, isOfMean } from "./verdicts.ts";

/** The most cells that one chart shows. */
const MOST = 60;

/** The chart of a comparison's ratios, as Vega-Lite and as a picture. */
export interface DrawnRatios {
  readonly spec: TopLevelSpec;
  readonly svg: string;
  readonly caption: string;
}

/**
 * Draws the ratios in the order of the plan; of many cells those that matter most. Null if there is none to
 * draw.
 */
export async function drawRatios(comparison: Comparison): Promise<DrawnRatios | null> {
  const { kind, margin } = comparison;
  const cells = weightiest(namedCells(comparison.cells));
  const spec = ratioChart({
    title: kind === "gate" ? "Head against base, in turn" : "Head against base",
    floor: margin,
    cells: cells.map(({ cell, name, variant }) => ({
      label: isOfMean(cell) ? `${name} (mean)` : name,
      variant,
      ...decisiveTime(cell),
      verdict: cell.verdict,
    })),
  });
  if (spec === null) return null;
  const left = comparison.cells.length - cells.length;
  const caption =
    "Median time of one call in head divided by that in base, or its mean if only the mean has changed, with its interval: right of 1 is slower. Within the band, less " +
    `than ${shareText(margin).replace(" ", "\u00a0")} either way, nothing is called a change.` +
    (left === 0 ? "" : ` The ${MOST} cells that matter most; ${left} more are in the table.`);
  return { spec, svg: await renderSvg(spec), caption };
}

function weightiest(cells: readonly NamedCell[]): readonly NamedCell[] {
  const shown = new Set(byWeight(cells).slice(0, MOST));
  return cells.filter((cell) => shown.has(cell));
}
