import type { Results } from "../../record/case-row.ts";
import { forwardsOf, stepsOf } from "../modes.ts";
import { ceiling } from "./ceiling.ts";
import type { Chart } from "./chart.ts";
import { bandwidth } from "./decode/bandwidth.ts";
import { generate } from "./decode/generate.ts";
import { tokenSpeedup } from "./decode/speedup.ts";
import { stateBytes } from "./decode/state.ts";
import { tokenTime } from "./decode/time.ts";
import { frontier } from "./frontier.ts";
import { gallery } from "./gallery.ts";
import { gateError } from "./gate-error.ts";
import { ideal } from "./ideal.ts";
import { pairs } from "./pairs.ts";
import { rounds } from "./rounds.ts";
import { speedup } from "./speedup.ts";
import { speedupWithPrepare } from "./speedup-with-prepare.ts";
import { time } from "./time.ts";
import { work } from "./work.ts";
import { workspace } from "./workspace.ts";

/** The charts of a report on forward passes, in the order in which they are shown. A new one is a file here and a line below. */
const forwardCharts: readonly Chart[] = [
  time,
  speedup,
  speedupWithPrepare,
  frontier,
  work,
  pairs,
  workspace,
  ceiling,
  ideal,
];

/** Those of a report on steps, a token at a time. */
const stepCharts: readonly Chart[] = [tokenTime, tokenSpeedup, generate, stateBytes, bandwidth];

/** Those that mean the same of both. */
const sharedCharts: readonly Chart[] = [gateError, rounds, gallery];

/** The same in the words of steps. */
const sharedStepCharts: readonly Chart[] = sharedCharts.map((chart) => ({
  ...chart,
  caption: chart.caption
    .replace("at the longest length of each series", "at the last position of each series")
    .replace("Larger points are longer sequences", "Larger points are later positions"),
}));

export const charts: readonly Chart[] = [...forwardCharts, ...sharedCharts];
export const decodeCharts: readonly Chart[] = [...stepCharts, ...sharedStepCharts];

/** The charts that say something of these results: none of forward passes is drawn from steps. */
export function chartsOf(results: Results): readonly Chart[] {
  const [forwards, steps] = [forwardsOf(results), stepsOf(results)];
  if (steps.rows.length === 0) return charts;
  if (forwards.rows.length === 0) return decodeCharts;
  const ofForwards = (chart: Chart): Chart => ({ ...chart, spec: (all) => chart.spec(forwardsOf(all)) });
  return [...forwardCharts.map(ofForwards), ...decodeCharts];
}
