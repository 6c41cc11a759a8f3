import type { Gathered, Intervals, Pattern } from "../core/pattern.ts";
import { bound } from "./bound.ts";
import { checkCount } from "./check-count.ts";
import { interval } from "./intervals.ts";
import { neverPast } from "./path-lengths.ts";

/** Fewer keys of a segment are not worth an order of their own. */
const LEAST_KEYS = 16;

/**
 * The sequence is cut into segments of `size` tokens, and of each one only every `stride`-th token takes part:
 * query and key lie in one segment, at positions in it that are `head` modulo `stride`. The other rows are
 * empty.
 */
export function segments(size: number, stride: number): Pattern {
  checkCount("segments", "size", size, 1, Number.MAX_SAFE_INTEGER);
  checkCount("segments", "stride", stride, 1, Number.MAX_SAFE_INTEGER);
  return {
    text: `segments(${size}, ${stride})`,
    perHead: stride > 1,
    ...(stride > 1 && { headPeriod: stride }),
    drawsFromRest: false,
    parts: [],
    role: stride > 1 ? "stride" : "local",
    terms: () =>
      stride > 1
        ? { keys: { text: "w/r²", letters: { w: size, r: stride } } }
        : { keys: { text: "w", letters: { w: size } }, path: neverPast(size) },
    bind({ length, head }) {
      const residue = head % stride;
      const segmentOf = (token: number): number => Math.floor(token / size);
      const takesPart = (token: number): boolean => (token % size) % stride === residue;
      /** Keys of one segment that take part. */
      const members = (segment: number): Intervals => {
        const start = segment * size;
        const end = Math.min(start + size, length);
        if (stride === 1) return interval(start, end, length);
        const keys: number[] = [];
        for (let key = start + residue; key < end; key += stride) keys.push(key, key + 1);
        return keys;
      };
      const runs = (query: number): Intervals => (takesPart(query) ? members(segmentOf(query)) : []);
      return bound({
        length,
        attends: (query, key) => segmentOf(query) === segmentOf(key) && takesPart(query) && takesPart(key),
        runs,
        someRuns(from, to) {
          const [first, last] = [segmentOf(from), segmentOf(to - 1)];
          if (to - from === 1) return runs(from);
          return first === last ? members(first) : interval(first * size, (last + 1) * size, length);
        },
        everyRuns(from, to) {
          if (to - from === 1) return runs(from);
          return stride === 1 && segmentOf(from) === segmentOf(to - 1) ? members(segmentOf(from)) : [];
        },
        repeats: (_area, by) => by % size === 0,
        ...(stride > 1 &&
          size >= LEAST_KEYS * stride && { gathered: gatheredSegments(length, size, takesPart) }),
        pairs() {
          const inOne = (tokens: number) => Math.max(0, Math.ceil((tokens - residue) / stride)) ** 2;
          return Math.floor(length / size) * inOne(size) + inOne(length % size);
        },
      });
    },
  };
}

/** The tokens of each segment that take part, and one class of all that do not. */
function gatheredSegments(length: number, size: number, takesPart: (token: number) => boolean): Gathered {
  return {
    rest: null,
    orders: [
      {
        *classes() {
          const others: number[] = [];
          for (let start = 0; start < length; start += size) {
            const members: number[] = [];
            for (let token = start; token < Math.min(start + size, length); token++) {
              (takesPart(token) ? members : others).push(token);
            }
            if (members.length > 0) yield { queries: members, keys: members };
          }
          if (others.length > 0) yield { queries: others, keys: [] };
        },
      },
    ],
  };
}
