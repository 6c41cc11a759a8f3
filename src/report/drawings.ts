import type { TopLevelSpec } from "vega-lite";
import type { Results } from "../record/case-row.ts";
import type { Chart } from "./charts/chart.ts";
import { charts } from "./charts/index.ts";
import { renderSvg } from "./svg.ts";

/** A chart of one results file; `drawn` is null where there was nothing to draw. */
interface Drawing {
  readonly chart: Chart;
  readonly drawn: { readonly spec: TopLevelSpec; readonly svg: string } | null;
}

/** A results file with its charts. */
export interface DrawnResults {
  readonly results: Results;
  readonly drawings: readonly Drawing[];
}

/** Draws every chart of a results file. */
export async function drawCharts(results: Results): Promise<DrawnResults> {
  const drawings: Drawing[] = [];
  for (const chart of charts) {
    const spec = chart.spec(results);
    drawings.push({ chart, drawn: spec === null ? null : { spec, svg: await renderSvg(spec) } });
  }
  return { results, drawings };
}
