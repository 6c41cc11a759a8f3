import type { TopLevelSpec } from "vega-lite";
import type { Chart } from "./charts/chart.ts";
import { type LiveChart, liveChart } from "./live-chart.ts";
import type { ReportedResults } from "./reported-results.ts";
import { renderSvg } from "./svg.ts";
import { chartsOf } from "./topics/index.ts";

/** A chart of one results file; `drawn` is null if there was nothing to draw. */
export interface Drawing {
  readonly chart: Chart;
  readonly drawn: Drawn | null;
}

/** A chart as Vega-Lite, as a picture, and as what the page redraws when the reader chooses. */
interface Drawn {
  readonly spec: TopLevelSpec;
  readonly svg: string;
  readonly live: LiveChart;
}

/** A results file with its charts. */
export interface DrawnResults {
  readonly results: ReportedResults;
  readonly drawings: readonly Drawing[];
}

/** Draws every chart of a results file, and what changed since the first one. */
export async function drawCharts(results: ReportedResults): Promise<DrawnResults> {
  const drawings: Drawing[] = [];
  for (const chart of chartsOf(results)) {
    const spec = chart.spec(results);
    const drawn = spec === null ? null : { spec, svg: await renderSvg(spec), live: await liveChart(spec) };
    drawings.push({ chart, drawn });
  }
  return { results, drawings };
}
