import type { Pattern } from "../core/pattern.ts";
import { bound } from "./bound.ts";
import { takesEdges } from "./with-edges.ts";

/**
 * The pattern in some of its rows, those in stretches of `stretch` rows whose number `keeps` accepts; the
 * others attend nothing, and cost nothing.
 */
export function onlyRows(pattern: Pattern, stretch: number, keeps: (stretch: number) => boolean): Pattern {
  return {
    ...pattern,
    text: `onlyRows(${pattern.text})`,
    parts: [],
    terms: () => ({}),
    ...takesEdges([pattern], ([given]) => onlyRows(given, stretch, keeps)),
    bind(context) {
      const whole = pattern.bind(context);
      const { length } = whole;
      const kept = (row: number) => keeps(Math.floor(row / stretch));
      const stretchesOf = (from: number, to: number): boolean[] => {
        const first = Math.floor(from / stretch);
        return Array.from({ length: Math.floor((to - 1) / stretch) - first + 1 }, (_, at) =>
          keeps(first + at),
        );
      };
      // Combs are the same for every row of a pattern: here they are given as ranges of single keys.
      const combed = whole.combs.length > 0;
      return bound({
        length,
        attends: (query, key) => kept(query) && whole.attends(query, key),
        runs: (query) => (kept(query) ? whole.intervals(query) : []),
        someRuns(from, to) {
          if (!stretchesOf(from, to).some(Boolean)) return [];
          return combed ? [0, length] : whole.someRuns(from, to);
        },
        everyRuns: (from, to) => (stretchesOf(from, to).every(Boolean) ? whole.everyRuns(from, to) : []),
      });
    },
  };
}
