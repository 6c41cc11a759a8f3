import { isBaseline } from "../../record/schema/baseline.ts";
import { formatCount } from "../../text/format.ts";
import { pays as inWords } from "../answers/pays.ts";
import { crossovers } from "../charts/crossovers.ts";
import { tokenSpeedup } from "../charts/decode/speedup.ts";
import { speedup } from "../charts/speedup.ts";
import { speedupWithPrepare } from "../charts/speedup-with-prepare.ts";
import { type Crossing, crossingOf } from "../crossing.ts";
import { WORDS, wordsFor } from "../words.ts";
import { inFull } from "./details.ts";
import type { Topic, TopicResults } from "./topic.ts";

/** From which length a variant is faster than full attention. */
export const pays: Topic = {
  id: "pays",
  title: "From where it pays",
  charts: [crossovers(WORDS.pass, "crossovers"), speedup, speedupWithPrepare],
  answer,
  details: (about) => inFull(inWords, about),
};

/** From which position a token is faster than by softmax with a cache. */
export const tokenPays: Topic = {
  ...pays,
  charts: [crossovers(WORDS.step, "token-crossovers"), tokenSpeedup],
};

function answer({ series, times }: TopicResults): string | null {
  const crossings = series
    .filter((one) => !isBaseline(one) && !one.operation.ofBaselineAlone)
    .flatMap((one) => crossingOf(one, times) ?? []);
  if (crossings.length === 0) return null;
  const { baseline } = wordsFor(series);
  const count = (kind: Crossing["kind"]) => crossings.filter((one) => one.kind === kind).length;
  const from = crossings.flatMap(({ crossover }) => crossover?.length ?? []).sort((a, b) => a - b);
  const told = (length: number) => formatCount(Math.round(length));
  const between =
    from.length > 1 ? `between ${told(from[0])} and ${told(from[from.length - 1])}` : from.map(told).join("");
  const parts = [
    ...(count("always") > 0 ? [`${count("always")} at every length`] : []),
    ...(from.length > 0 ? [`${from.length} from ${between}`] : []),
    ...(count("never") > 0 ? [`${count("never")} at none`] : []),
  ];
  return `Of ${crossings.length}, faster than ${baseline}: ${parts.join(", ")}.`;
}
