import { placeText, rowsIn } from "../../../core/outputs.ts";
import { randomStream } from "../../../core/random.ts";
import { kvHeadOf } from "../../../core/shape.ts";
import { reads } from "../../judged.ts";
import type { Law } from "../../laws/law.ts";
import { outputsOf } from "../../outputs.ts";
import { gradientName } from "../declare.ts";
import { fillDout, ownProblem } from "./gradient-problem.ts";

/**
 * What no query attends has no gradient, and of queries whose dout is zero none counts: along the dout of one query alone,
 * dk and dv of the keys that it does not attend are zero, and so is dq of every other query.
 */
export const alongOneQuery: Law = {
  title: "no gradient reaches a key that no query with a dout attends",
  applies: ({ filled: { kind }, causal }) => kind.pairwise || causal,
  async check(subject) {
    const { shape, seed } = subject;
    const random = randomStream(seed, shape.queries);
    for (const query of new Set([0, shape.queries - 1, random.below(shape.queries)])) {
      const problem = ownProblem(subject);
      fillDout(problem, 0, (row) => row !== query);
      const read = reads(problem);
      const isRead = (kvHead: number, key: number) =>
        read.some((pattern, head) => kvHeadOf(shape, head) === kvHead && pattern.attends(query, key));
      const output = await subject.output(problem);
      for (const { place, at, width } of rowsIn(outputsOf(problem))) {
        const { tensor, head, row } = place;
        const isOfKey = tensor === gradientName("k") || tensor === gradientName("v");
        if (!isOfKey && (tensor !== gradientName("q") || !problem.kind.pairwise)) continue;
        if (isOfKey ? isRead(head, row) : row === query) continue;
        const column = output.subarray(at, at + width).findIndex((value) => value !== 0);
        if (column < 0) continue;
        return `${placeText(place)}, column ${column}: got ${output[at + column]} along the dout of query ${query} alone, which it has no part in; it must be 0`;
      }
    }
    return null;
  },
};
