import type { Intervals, Pattern } from "../core/pattern.ts";
import { bound } from "./bound.ts";
import { powerPairs } from "./closed-forms.ts";
import { interval } from "./intervals.ts";

/** Distances up to this one are all attended: 0, 1 and 2 follow one another. */
const NEAR = 2;

/** The query's own key and those at a distance of a power of two: `|i - j|` is 0, 1, 2, 4, 8, … */
export function powersOfTwo(): Pattern {
  return {
    text: "powersOfTwo()",
    perHead: false,
    drawsFromRest: false,
    parts: [],
    role: "stride",
    terms: (isCausal) => ({
      keys: { text: isCausal ? "log₂N" : "2log₂N" },
      path: isCausal
        ? // One layer for each binary digit of a distance that is 1.
          { text: "⌊log₂N⌋", at: ({ length }) => Math.floor(Math.log2(length)) }
        : // With a sign of its own for each, about half as many, and one more near the ends.
          {
            text: "⌊½log₂N⌋ + 2",
            at: ({ length }) => Math.floor(Math.log2(length) / 2) + 2,
            atMost: true,
          },
    }),
    bind({ length }) {
      let farthest = 1;
      while (2 * farthest < length) farthest *= 2;
      /** Keys at these distances from some row of `from <= i < to`. */
      const around = (from: number, to: number): Intervals => {
        const keys: number[] = [];
        const add = (distance: number): void => {
          const low = Math.max(0, from + distance);
          const high = Math.min(length, to + distance);
          if (low >= high) return;
          const last = keys.length - 1;
          if (last >= 0 && low <= keys[last]) keys[last] = high;
          else keys.push(low, high);
        };
        for (let distance = farthest; distance >= 1; distance /= 2) add(-distance);
        add(0);
        for (let distance = 1; distance <= farthest; distance *= 2) add(distance);
        return keys;
      };
      return bound({
        length,
        attends: (query, key) => isPowerOrZero(Math.abs(query - key)),
        runs: (query) => around(query, query + 1),
        someRuns: around,
        everyRuns: (from, to) => interval(to - 1 - NEAR, from + NEAR + 1, length),
        repeats: () => true,
        pairs: () => powerPairs(length),
      });
    },
  };
}

/** Halving an even number of less than 2^53 is exact. */
function isPowerOrZero(distance: number): boolean {
  let rest = distance;
  while (rest > 1 && rest % 2 === 0) rest /= 2;
  return rest <= 1;
}
