import { UNITS, type Unit } from "../../core/operation.ts";
import { roundMedians } from "../../stats/round-medians.ts";
import type { Chart } from "../charts/chart.ts";
import { isLearnedOnly } from "../learning/learned-only.ts";
import { entriesOf } from "../ranking/entries.ts";
import type { ReportedResults } from "../reported-results.ts";
import { baselineOf, seriesOf } from "../series.ts";
import { onlyOf, partsOf, unitsIn } from "../units.ts";
import { WORDS, type Words, wordsOver } from "../words.ts";
import { cases } from "./cases.ts";
import { compared } from "./compared.ts";
import { decoding } from "./decoding.ts";
import { evidence } from "./evidence.ts";
import { fastest, fastestToken } from "./fastest.ts";
import { growth, tokenGrowthTopic } from "./growth.ts";
import { kernels } from "./kernels.ts";
import { layer } from "./layer.ts";
import { learned, learnedAlone } from "./learned.ts";
import { learnedEvidence } from "./learned-evidence.ts";
import { limit, tokenLimit } from "./limit.ts";
import { gradientMemory, memory, tokenMemory, trainingMemory } from "./memory.ts";
import { parameters } from "./parameters.ts";
import { patterns } from "./patterns.ts";
import { pays, tokenPays } from "./pays.ts";
import { stepsTogether } from "./steps-together.ts";
import type { Topic, TopicResults } from "./topic.ts";
import { trade } from "./trade.ts";
import { training } from "./training.ts";

/** The words of each unit, all over the same baseline. */
type AllWords = ReturnType<typeof wordsOver>;

/** Topics about steps, a token at a time. */
const ofSteps = ({ step }: AllWords): readonly Topic[] => [
  fastestToken(step),
  tokenPays(step),
  tokenGrowthTopic,
  tokenLimit(step),
  tokenMemory,
  decoding,
];

/** Topics of each unit, in the order in which people ask; `words` are those of charts that mean the same for all. */
const TOPICS: Readonly<
  Record<Unit, (over: AllWords, words: Words, steps: readonly Topic[]) => readonly Topic[]>
> = {
  training: (over, words, steps) => [
    ...[fastest, pays].map((topic) => aboutOnly("training")(topic(over.training))),
    training(over.training),
    learned(over.training),
    ...[kernels].map(aboutOnly("training")),
    parameters(words),
    ...[growth, limit(over.training), trainingMemory].map(aboutOnly("training")),
    ...steps,
    aboutOnly("training")(layer(over.training)),
    patterns,
    evidence(words),
    cases,
  ],
  gradients: (over, words, steps) => [
    ...[fastest, pays].map((topic) => aboutOnly("gradients")(topic(over.gradients))),
    learned(over.gradients),
    ...[kernels].map(aboutOnly("gradients")),
    parameters(words),
    ...[growth, limit(over.gradients), gradientMemory].map(aboutOnly("gradients")),
    ...steps,
    aboutOnly("gradients")(layer(over.gradients)),
    patterns,
    evidence(words),
    cases,
  ],
  pass: (over, words, steps) => [
    ...[fastest(over.pass), pays(over.pass), trade].map(aboutOnly("pass")),
    learned(over.pass),
    ...[kernels].map(aboutOnly("pass")),
    parameters(words),
    ...[growth, limit(over.pass), memory].map(aboutOnly("pass")),
    ...steps,
    aboutOnly("pass")(layer(over.pass)),
    patterns,
    evidence(words),
    cases,
  ],
  step: (over, words) => [
    ...[fastestToken(over.step), tokenPays(over.step)].map(aboutOnly("step")),
    learned(over.step),
    ...[kernels].map(aboutOnly("step")),
    parameters(words),
    ...[tokenGrowthTopic, tokenLimit(over.step), tokenMemory, decoding].map(aboutOnly("step")),
    patterns,
    evidence(words),
    cases,
  ],
};

/** The topic with charts that are drawn from cases of one unit, which no chart compares with another. */
function aboutOnly(unit: Unit) {
  return (topic: Topic): Topic => ({
    ...topic,
    charts: topic.charts.map((chart) => ({ ...chart, spec: (all) => chart.spec(onlyOf(unit, all)) })),
  });
}

/** What a report has to say of a results file, by topic. */
export function topicsOf(results: ReportedResults): readonly Topic[] {
  const over = wordsOver(baselineOf(results.rows));
  if (isLearnedOnly(results)) return [learnedAlone(over.pass), learnedEvidence];
  const units = unitsIn(results);
  const [main = "pass"] = units;
  const steps =
    main !== "step" && units.includes("step")
      ? [aboutOnly("step")(stepsTogether(ofSteps(over), decoding))]
      : [];
  return [...compared(results), ...TOPICS[main](over, over[units.at(-1) ?? main], steps)];
}

/** What they are told of it. */
export function aboutOf(results: ReportedResults): TopicResults {
  const all = seriesOf(results.rows);
  const placeOf = new Map(all.flatMap(({ rows }, place) => rows.map((row) => [row, place] as const)));
  const parts = partsOf(results).map(({ rows }) => seriesOf(rows));
  const [unit] = unitsIn(results);
  return {
    results,
    parts,
    series: parts[0],
    entries: entriesOf(results).filter((entry) => entry.unit === unit),
    times: roundMedians(results.rounds),
    placeOf: ({ rows: [row] }) => placeOf.get(row) ?? -1,
  };
}

/** The charts of results of one unit, but for those that only some results have. */
export function unitCharts(unit: Unit): readonly Chart[] {
  return allOf(unit).filter(({ concerns }) => concerns === undefined);
}

/** Every chart that a report may hold, but for that of what changed since the first file. */
export const allCharts: readonly Chart[] = UNITS.flatMap(allOf);

function allOf(unit: Unit): readonly Chart[] {
  return TOPICS[unit](WORDS, WORDS[unit], []).flatMap(({ charts }) => charts);
}

/** The charts that say something of these results, in the order of the topics. */
export function chartsOf(results: ReportedResults): readonly Chart[] {
  return topicsOf(results)
    .flatMap(({ charts }) => charts)
    .filter(({ concerns }) => concerns === undefined || concerns(results));
}
