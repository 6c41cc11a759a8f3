import type { TopLevelSpec } from "vega-lite";
import type { Results } from "../../record/case-row.ts";

/** One chart of the report: a pure function from results to Vega-Lite. */
export interface Chart {
  /** Names the chart's files. */
  readonly id: string;
  readonly title: string;
  /** How to read it. */
  readonly caption: string;
  /** The chart with its data in it; null if there is nothing to draw; `absent` then says why. */
  readonly spec: (results: Results) => TopLevelSpec | null;
  readonly absent: string;
  /** Whether results hold what it is about; a report of others does not mention it. All do, if omitted. */
  readonly concerns?: (results: Results) => boolean;
}
