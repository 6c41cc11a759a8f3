import { type Intervals, measure, rowsOf } from "../../../core/pattern.ts";
import { reads } from "../../judged.ts";
import { type Law, problemOf } from "../../laws/law.ts";

/** The pair count, the rows' intervals and membership are three answers to one question. */
export const pairCount: Law = {
  title: "pairs, intervals and membership agree",
  applies: () => true,
  async check(subject) {
    const patterns = reads(problemOf(subject));
    for (const [head, pattern] of patterns.entries()) {
      let pairs = 0;
      for (let query = 0; query < rowsOf(pattern); query++) {
        let attended = 0;
        for (let key = 0; key < pattern.length; key++) if (pattern.attends(query, key)) attended++;
        const intervals = pattern.intervals(query);
        const stray = keysOf(intervals).find((key) => !pattern.attends(query, key));
        if (stray !== undefined) {
          return `row ${query} of head ${head}: intervals hold key ${stray}, membership does not`;
        }
        const inIntervals = measure(intervals);
        if (inIntervals !== attended) {
          return `row ${query} of head ${head}: intervals hold ${inIntervals} keys, membership ${attended}`;
        }
        pairs += attended;
      }
      if (pattern.pairs() !== pairs) return `head ${head}: pairs() is ${pattern.pairs()}, counted ${pairs}`;
    }
    return null;
  },
};

function keysOf(intervals: Intervals): number[] {
  const keys: number[] = [];
  for (let at = 0; at < intervals.length; at += 2) {
    for (let key = intervals[at]; key < intervals[at + 1]; key++) keys.push(key);
  }
  return keys;
}
