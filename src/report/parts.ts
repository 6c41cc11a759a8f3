import { UNITS, type Unit } from "../core/operation.ts";
import type { Results } from "../record/case-row.ts";
import type { MediansByCase } from "../stats/round-medians.ts";
import type { Html } from "../text/html.ts";
import { type Answer, passQuestions, stepQuestions } from "./answers/questions.ts";
import { arenaOf } from "./arena.ts";
import { bothWaysOf } from "./both-ways.ts";
import { arena } from "./charts/arena.ts";
import { bothWays } from "./charts/both-ways.ts";
import type { Chart } from "./charts/chart.ts";
import { curveCharts } from "./charts/curve/index.ts";
import { passCharts, sharedCharts, stepCharts } from "./charts/index.ts";
import { workloads } from "./charts/workloads.ts";
import { worth } from "./charts/worth.ts";
import { curvesOf } from "./curves.ts";
import { type Exponent, exponentText, growthOverRounds } from "./growth.ts";
import { passGrowth } from "./page/growth.ts";
import { stepGrowth } from "./page/steps.ts";
import type { PageVariant } from "./page/variants.ts";
import { type Series, seriesOf } from "./series.ts";
import { type LimitCells, passLimits, prefill, stepLimits } from "./tables/limit-cells.ts";
import { tokenExponentText, tokenGrowth } from "./token-growth.ts";
import { onlyOf, unitsIn } from "./units.ts";
import { unitOfAll, WORDS } from "./words.ts";
import { workloadErrors } from "./workloads.ts";
import { worthOf } from "./worth.ts";

/** All that a report on cases of one unit is made of, besides its words. */
interface ReportPart {
  /** The charts that belong only to this unit, in the order in which they are shown. */
  readonly charts: readonly Chart[];
  /** The reader's questions in their order, each with what answers it. */
  readonly questions: Readonly<Record<string, Answer>>;
  /** What bounds a case. */
  readonly limits: LimitCells;
  /** What else is known about it, besides what is known about every case. */
  readonly facts: LimitCells;
  /** How the time of a series grows with length. */
  readonly growth: (series: Series, times?: MediansByCase) => Growth;
  readonly growthText: (exponent: Exponent) => string;
  /** The page's section on growth. */
  readonly growthSection: (
    series: readonly Series[],
    variants: readonly PageVariant[],
    times: MediansByCase,
  ) => Html;
}

/** The exponent fitted on time, null if none could be, and the declared one. */
interface Growth {
  readonly time: Exponent | null;
  readonly declared: number;
}

/** The part of each unit. A new unit is a record here and one of `WORDS`, and the compiler demands both. */
const PARTS: Readonly<Record<Unit, ReportPart>> = {
  pass: {
    charts: passCharts,
    questions: passQuestions,
    limits: passLimits,
    facts: {},
    growth: growthOverRounds,
    growthText: exponentText,
    growthSection: passGrowth,
  },
  step: {
    charts: stepCharts,
    questions: stepQuestions,
    limits: stepLimits,
    facts: { prefill },
    growth: tokenGrowth,
    growthText: tokenExponentText,
    growthSection: stepGrowth,
  },
};

/** The part that the series of one unit belong to. */
export function partOf(series: readonly Series[]): ReportPart {
  return PARTS[unitOfAll(series)];
}

/** The charts of results of one unit: its own, and those that mean the same for every unit, in its words. */
export function unitCharts(unit: Unit): readonly Chart[] {
  return [...ownCharts(unit), ...sharedCharts(WORDS[unit])];
}

/** Every chart that a report may hold. */
export const allCharts: readonly Chart[] = [
  ...UNITS.flatMap(unitCharts),
  worth,
  workloads,
  bothWays,
  arena,
  ...curveCharts(WORDS.pass),
];

/** The charts that say something of these results. */
export function chartsOf(results: Results): readonly Chart[] {
  const units = unitsIn(results);
  if (units.length === 0) return unitCharts(UNITS[0]);
  const words = WORDS[units[units.length - 1]];
  const curves = curvesOf(seriesOf(results.rows)).length > 0 ? curveCharts(words) : [];
  return [...units.flatMap(ownCharts), ...rareCharts(results), ...curves, ...sharedCharts(words)];
}

/** Charts of passes that are there only where results hold what they are about. */
function rareCharts(results: Results): readonly Chart[] {
  const passes = onlyOf("pass", results);
  const series = seriesOf(passes.rows);
  const found = [
    ...(workloadErrors(series) === null ? [] : [workloads]),
    ...(series.some((one) => worthOf(one).length > 0) ? [worth] : []),
    ...(series.some((one) => bothWaysOf(one, passes).length > 0) ? [bothWays] : []),
    ...(arenaOf(series).length > 0 ? [arena] : []),
  ];
  return found.map((chart) => ({ ...chart, spec: (all) => chart.spec(onlyOf("pass", all)) }));
}

/** No chart of one unit is drawn from cases of another. */
function ownCharts(unit: Unit): readonly Chart[] {
  return PARTS[unit].charts.map((chart) => ({ ...chart, spec: (all) => chart.spec(onlyOf(unit, all)) }));
}
