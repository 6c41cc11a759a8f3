import { pays as inWords } from "../answers/pays.ts";
import { crossovers } from "../charts/crossovers.ts";
import { tokenSpeedup } from "../charts/decode/speedup.ts";
import { speedup } from "../charts/speedup.ts";
import { speedupWithPrepare } from "../charts/speedup-with-prepare.ts";
import type { Words } from "../words.ts";
import { inFull } from "./details.ts";
import type { Topic } from "./topic.ts";

/** From which length a variant is faster than the baseline, in passes that are called as `words` have it. */
export function pays(words: Words): Topic {
  return {
    id: "pays",
    title: "From where it pays",
    charts: [crossovers(words, "crossovers"), speedup(words), speedupWithPrepare(words)],
    answer: "pays",
    details: (about) => inFull(inWords, about),
  };
}

/** From which position a token is faster than by softmax with a cache, or whatever it is compared with. */
export function tokenPays(words: Words): Topic {
  return { ...pays(words), charts: [crossovers(words, "token-crossovers"), tokenSpeedup(words)] };
}
