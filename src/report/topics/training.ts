import { formatLength, formatRatio, formatSeconds } from "../../text/format.ts";
import { crossingText } from "../answers/crossing-text.ts";
import { backwardOverForward, trainingPays } from "../answers/training.ts";
import { trainingCrossovers } from "../charts/training/crossovers.ts";
import { passes } from "../charts/training/passes.ts";
import { bothPassesOf, splitsOf } from "../training.ts";
import { bothCrossingsOf } from "../training-crossings.ts";
import { type Words, wordsOver } from "../words.ts";
import { numbers, sentences, tableDetail, words } from "./details.ts";
import type { Detail, Topic, TopicResults } from "./topic.ts";

/** What training changes: the backward pass beside the forward pass, and from where variants pay with both. */
export function training(over: Pick<Words, "baseline">): Topic {
  return {
    id: "training",
    title: "Training beside inference",
    charts: [trainingCrossovers(over), passes],
    answer: ({ results }) => backwardOverForward(results.rows),
    details: (about) => [
      ...sentences("Where it pays", known(trainingPays(about.results.rows, about.times))),
      ...splitTable(about),
      ...paysTable(about, over.baseline),
    ],
  };
}

function known(sentence: string | null): readonly string[] {
  return sentence === null ? [] : [sentence];
}

/** Series by pass, each at its longest length with both. */
function splitTable(about: TopicResults): readonly Detail[] {
  const found = bothPassesOf(about.results.rows).flatMap((one) => {
    const split = splitsOf(one).at(-1);
    return split === undefined ? [] : [{ series: one.training, split }];
  });
  return tableDetail(
    {
      title: "Forward and backward, at the longest length with both",
      note: "The backward pass is what a forward and backward pass in one call takes beyond a forward pass alone: what the forward pass saves for it is in it.",
      heads: [
        ...words("variant"),
        ...numbers(["length", "forward pass", "backward pass", "both", "backward over forward"]),
      ],
      rows: found.map(({ series, split: { length, forward, backward, both, ratio } }) => ({
        series,
        cells: [
          { text: series.label },
          { text: formatLength(length), sort: length },
          { text: formatSeconds(forward), sort: forward },
          { text: formatSeconds(backward), sort: backward },
          { text: formatSeconds(both), sort: both },
          { text: formatRatio(ratio), sort: ratio },
        ],
      })),
    },
    about,
  );
}

/** From where each series pays, in both ways. */
function paysTable(about: TopicResults, baseline: string): readonly Detail[] {
  const over = wordsOver(baseline);
  return tableDetail(
    {
      title: `From where each is faster than ${baseline}, in training and in inference`,
      heads: words("variant", "training", "inference"),
      rows: bothCrossingsOf(about.results.rows, about.times).map(({ passes: both, training, inference }) => ({
        series: both.training,
        cells: [
          { text: both.training.label },
          { text: crossingText(training, over.training) },
          { text: crossingText(inference, over.pass) },
        ],
      })),
    },
    about,
  );
}
