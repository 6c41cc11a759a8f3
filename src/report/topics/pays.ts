import { pays as inWords } from "../answers/pays.ts";
import { crossovers } from "../charts/crossovers.ts";
import { tokenSpeedup } from "../charts/decode/speedup.ts";
import { speedup } from "../charts/speedup.ts";
import { speedupWithPrepare } from "../charts/speedup-with-prepare.ts";
import { WORDS, type Words } from "../words.ts";
import { inFull } from "./details.ts";
import type { Topic } from "./topic.ts";

/** From which length a variant is faster than full attention, in passes that are called as `words` have it. */
export function pays(words: Words): Topic {
  return {
    id: "pays",
    title: "From where it pays",
    charts: [crossovers(words, "crossovers"), speedup, speedupWithPrepare],
    answer: "pays",
    details: (about) => inFull(inWords, about),
  };
}

/** From which position a token is faster than by softmax with a cache. */
export const tokenPays: Topic = {
  ...pays(WORDS.step),
  charts: [crossovers(WORDS.step, "token-crossovers"), tokenSpeedup],
};
