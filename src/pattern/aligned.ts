import type { Area, Pattern } from "../core/pattern.ts";
import { bound } from "./bound.ts";
import { takesEdges } from "./with-edges.ts";

/**
 * The pattern for `queries` rows that are other tokens than the keys, aligned at the end: row i of M stands
 * where row i + N - M of N would. With more rows than keys, the first ones stand before the first key; only
 * patterns that ask nothing but the distance of query and key can say what those attend.
 */
export function aligned(pattern: Pattern, queries: number): Pattern {
  return {
    ...pattern,
    text: `aligned(${pattern.text}, ${queries})`,
    parts: [],
    terms: () => ({}),
    ...takesEdges([pattern], ([given]) => aligned(given, queries)),
    bind(context) {
      const whole = pattern.bind(context);
      const { length, repeats } = whole;
      const first = length - queries;
      // Combs count from the key of the row's own number: here they are given as ranges of single keys.
      const combed = whole.combs.length > 0;
      return bound({
        length,
        queries,
        attends: (query, key) => whole.attends(query + first, key),
        runs: (query) => whole.intervals(query + first),
        someRuns: (from, to) => (combed ? [0, length] : whole.someRuns(from + first, to + first)),
        everyRuns: (from, to) => whole.everyRuns(from + first, to + first),
        ...(repeats && !combed && { repeats: (area, by) => repeats(shifted(area, first), by) }),
      });
    },
  };
}

/** The area of a pattern's own rows. */
function shifted({ rowFrom, rowTo, keyFrom, keyTo }: Area, by: number): Area {
  return { rowFrom: rowFrom + by, rowTo: rowTo + by, keyFrom, keyTo };
}
