import type { Pattern } from "../core/pattern.ts";
import { bound } from "../pattern/bound.ts";

/** Blocks of `size` keys, which queries see once they have ended; see `Attend`. */
interface Ended {
  readonly size: number;
  readonly keysBefore: number;
  readonly queries: number;
}

/** Query i attends the first ⌊(i + 1 + keysBefore) / size⌋ blocks. */
export function endedBlocks({ size, keysBefore, queries }: Ended): Pattern {
  return {
    text: `ended(${size})`,
    perHead: false,
    drawsFromRest: false,
    parts: [],
    bind({ length }) {
      // Rows count as if the last one stood at the last key.
      const first = length - queries;
      const seen = (row: number): number =>
        Math.min(length, Math.max(0, Math.floor((row - first + 1 + keysBefore) / size)));
      const upTo = (keys: number) => (keys > 0 ? [0, keys] : []);
      return bound({
        length,
        attends: (query, key) => key < seen(query),
        runs: (query) => upTo(seen(query)),
        someRuns: (_, to) => upTo(seen(to - 1)),
        everyRuns: (from) => upTo(seen(from)),
      });
    },
  };
}
