import { median } from "../../stats/median.ts";
import { type Check, ofEachCase } from "./check.ts";

/** Fewer rounds than this say nothing about their spread. */
export const LEAST_ROUNDS = 6;
/** The first round may be this much slower than the median of the others. */
const FIRST_ROUND = 1.2;

/** A first round that was slower than the others. */
export const firstRound: Check = {
  id: "first-round",
  find: ofEachCase((_, rounds) => {
    if (rounds.length < LEAST_ROUNDS) return null;
    const [first, ...later] = rounds.map(({ samples }) => median(samples));
    return first > FIRST_ROUND * median(later)
      ? "the first round was slower than the others, code or caches were cold: ask for more rounds"
      : null;
  }),
};
