import { bindHeads } from "../../pattern/bind.ts";
import { measure } from "../../pattern/intervals.ts";
import { type Law, problemOf } from "./law.ts";

/** The pair count, the rows' intervals and membership are three answers to one question. */
export const pairCount: Law = {
  title: "pairs, intervals and membership agree",
  applies: ({ filled }) => filled.mechanism.kind === "softmaxPattern",
  check(subject) {
    const { mechanism } = subject.filled;
    if (mechanism.kind !== "softmaxPattern") return null;
    for (const [head, pattern] of bindHeads(mechanism, problemOf(subject)).entries()) {
      let pairs = 0;
      for (let query = 0; query < pattern.length; query++) {
        let attended = 0;
        for (let key = 0; key < pattern.length; key++) if (pattern.attends(query, key)) attended++;
        const inIntervals = measure(pattern.intervals(query));
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
