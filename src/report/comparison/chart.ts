import type { Comparison } from "../../compare/comparison.ts";
import { ratioChart } from "../charts/ratio.ts";
import type { Drawing } from "../drawings.ts";
import { liveChart } from "../live-chart.ts";
import { joined } from "../setting-words.ts";
import { renderSvg } from "../svg.ts";
import { type NamedCell, namedCells } from "./cell-names.ts";
import { ratioCaption } from "./ratio-caption.ts";
import { byWeight, decisiveTime, isOfMean } from "./verdicts.ts";

/** The most rows of the whole chart. */
const MOST = 80;
/** Those of the chart that a reader sees first. */
const FIRST_ROWS = 16;

/** The chart of a comparison's ratios: its specification, its picture, and what the page redraws. */
export interface RatioDrawing {
  readonly chart: Pick<Drawing["chart"], "id" | "title" | "caption" | "absent">;
  readonly drawn: NonNullable<Drawing["drawn"]>;
}

/** Rows of a comparison's chart, those first that matter most. */
function ratioRows({ cells }: Pick<Comparison, "cells">): ReadonlyMap<string, readonly NamedCell[]> {
  const named = byWeight(namedCells(cells));
  const kernels = new Set(named.map(({ kernel }) => kernel)).size;
  return Map.groupBy(named, ({ variant, kernel }) => (kernels > 1 ? joined([variant, kernel]) : variant));
}

/** The charts of a page: that of the rows that matter most, and that of all if there are more. Empty if there is none. */
export async function pageDrawings(comparison: Comparison): Promise<readonly RatioDrawing[]> {
  const all =
    ratioRows(comparison).size > FIRST_ROWS ? [await drawRatios(comparison, { id: "ratios-all" })] : [];
  const drawings = [await drawRatios(comparison, { most: FIRST_ROWS }), ...all];
  return drawings.filter((drawing) => drawing !== null);
}

/** Draws the ratios of the rows that matter most. Null if there is none to draw. */
export async function drawRatios(
  comparison: Comparison,
  { id = "ratios", most = MOST } = {},
): Promise<RatioDrawing | null> {
  const { kind, margin } = comparison;
  const rows = ratioRows(comparison);
  const title = `Change of time in %, by length${kind === "gate" ? ", measured in turn" : ""}: right of 0 is slower`;
  const cells = [...rows].slice(0, most).flatMap(([series, alike]) =>
    alike.map(({ cell, variant }) => ({
      series,
      length: cell.length,
      variant,
      ...decisiveTime(cell),
      isOfMean: isOfMean(cell),
      verdict: cell.verdict,
    })),
  );
  const spec = ratioChart({ title, floor: margin, cells });
  if (spec === null) return null;
  const caption = ratioCaption(margin, rows.size - most);
  return {
    chart: { id, title, caption, absent: "" },
    drawn: { spec, svg: await renderSvg(spec), live: await liveChart(spec) },
  };
}
