import type { BoundPattern, Intervals, Pattern } from "../../src/core/pattern.ts";

/** Patterns as a plug-in may write them, with rows that attend nothing, which no primitive has. */

/** Every row is empty. */
export const attendsNothing: Pattern = handWritten("attendsNothing", () => ({
  attends: () => false,
  runs: () => [],
  someRuns: () => [],
  everyRuns: () => [],
}));

/** Keys before the query and not the query itself, so that row 0 is empty. */
export const strictPast: Pattern = handWritten("strictPast", () => ({
  attends: (query, key) => key < query,
  runs: (query) => (query > 0 ? [0, query] : []),
  someRuns: (_, to) => (to > 1 ? [0, to - 1] : []),
  everyRuns: (from) => (from > 0 ? [0, from] : []),
}));

/** Every third row attends the ten keys from its own on, the rows between attend nothing. */
export const everyThirdRow: Pattern = handWritten("everyThirdRow", (length) => {
  const runs = (query: number): Intervals => (query % 3 === 0 ? [query, Math.min(query + 10, length)] : []);
  return {
    attends: (query, key) => query % 3 === 0 && key >= query && key < query + 10,
    runs,
    someRuns: (from, to) => [from, Math.min(to + 9, length)],
    everyRuns: (from, to) => (to - from === 1 ? runs(from) : []),
  };
});

type Rows = Pick<BoundPattern, "attends" | "runs" | "someRuns" | "everyRuns">;

function handWritten(text: string, rows: (length: number) => Rows): Pattern {
  return {
    text,
    perHead: false,
    drawsFromRest: false,
    parts: [],
    bind({ length }) {
      const own = rows(length);
      return {
        ...own,
        length,
        combs: [],
        intervals: own.runs,
        pairs() {
          let pairs = 0;
          for (let query = 0; query < length; query++) {
            for (let key = 0; key < length; key++) if (own.attends(query, key)) pairs++;
          }
          return pairs;
        },
      };
    },
  };
}
