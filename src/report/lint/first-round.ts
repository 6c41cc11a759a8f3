import { median } from "../../stats/median.ts";
import { byShard, type Check, ofEachCase } from "./check.ts";

/** Fewer rounds than this say nothing about their spread. */
export const LEAST_ROUNDS = 6;
/** The first round may be this much slower than the median of the others. */
const FIRST_ROUND = 1.2;

/** A first round that was slower than the others; of several shards, in most of them. */
export const firstRound: Check = {
  id: "first-round",
  find: ofEachCase((row, rounds) => {
    const runs = byShard(row, rounds).filter(({ length }) => length >= LEAST_ROUNDS);
    const slow = runs.filter((run) => {
      const [first, ...later] = run.map(({ samples }) => median(samples));
      return first > FIRST_ROUND * median(later);
    });
    return slow.length > runs.length / 2
      ? "the first round was slower than the others, code or caches were cold: ask for more rounds"
      : null;
  }),
};
