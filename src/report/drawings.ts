import type { TopLevelSpec } from "vega-lite";
import type { Chart } from "./charts/chart.ts";
import { CASE_FIELDS } from "./charts/details.ts";
import { type LiveChart, liveChart } from "./live-chart.ts";
import { type ChartPacker, chartPacker } from "./packing/charts.ts";
import type { PackedRows } from "./packing/columns.ts";
import type { ReportedResults } from "./reported-results.ts";
import { renderSvg } from "./svg.ts";
import { chartsOf } from "./topics/index.ts";

/** A chart of one results file; `drawn` is null if there was nothing to draw. */
export interface Drawing {
  readonly chart: Chart;
  readonly drawn: Drawn | null;
}

/** A chart as Vega-Lite, as a picture, and as what the page redraws when the reader chooses, with its rows packed. */
interface Drawn {
  readonly spec: TopLevelSpec;
  readonly svg: string;
  readonly live: LiveChart;
}

/** A results file with its charts. */
export interface DrawnResults {
  readonly results: ReportedResults;
  readonly drawings: readonly Drawing[];
  /** What rows of its live charts say of their cases. */
  readonly cases: PackedRows;
}

/** A results file whose charts nobody asks for. */
export function undrawn(results: ReportedResults): DrawnResults {
  return { results, drawings: [], cases: { count: 0, columns: [] } };
}

/** Draws every chart of a results file, and what changed since the first one. */
export async function drawCharts(results: ReportedResults): Promise<DrawnResults> {
  const drawings: Drawing[] = [];
  const packer = chartPacker(CASE_FIELDS);
  for (const chart of chartsOf(results)) {
    const spec = chart.spec(results);
    drawings.push({ chart, drawn: spec === null ? null : await drawnAs(spec, packer) });
  }
  return { results, drawings, cases: packer.cases() };
}

async function drawnAs(spec: TopLevelSpec, packer: ChartPacker): Promise<Drawn> {
  const live = await liveChart(spec);
  return { spec, svg: await renderSvg(spec), live: { ...live, spec: packer.packed(live.spec) } };
}
