import type { MediansByCase } from "../../stats/round-medians.ts";
import { growthOverRounds } from "../growth.ts";
import type { Series } from "../series.ts";
import { along } from "./along.ts";
import { arena } from "./arena.ts";
import { cost } from "./cost.ts";
import { fastest } from "./fastest.ts";
import { pays } from "./pays.ts";
import { state } from "./state.ts";
import { theory } from "./theory.ts";
import { tokenTheory } from "./token-theory.ts";
import { tokensPerSecond } from "./tokens-per-second.ts";
import { worth } from "./worth.ts";

/** A sentence for the series of one setting; null if they do not answer the question. */
export type Answer = (series: readonly Series[], times: MediansByCase) => string | null;

/** The reader's questions about passes over whole sequences, in order, each with what answers it. */
export const passQuestions: Readonly<Record<string, Answer>> = {
  "Which is fastest at my length?": fastest,
  "From which length does it pay?": pays,
  "What is a faster attention worth in the layer?": worth,
  "What does it cost in memory and in faithfulness to full attention?": cost,
  "How do Long Range Arena's models stand here?": arena,
  "What does a larger value of a parameter cost and bring?": along,
  "Is the curve what theory says?": (series, times) =>
    theory(series.map((one) => growthOverRounds(one, times))),
};

/** Those about steps. */
export const stepQuestions: Readonly<Record<string, Answer>> = {
  "Which makes a token fastest at my position?": fastest,
  "From which position does it beat softmax with a cache?": pays,
  "How many tokens per second from nothing?": tokensPerSecond,
  "What must be kept of the tokens so far?": state,
  "What does a larger value of a parameter cost and bring?": along,
  "Does the time of a token grow as theory says?": (series, times) => tokenTheory(series, times),
};
