import type { BoundPattern, Comb, Intervals, Pattern } from "../core/pattern.ts";
import { distinctBelow, randomStream } from "../core/random.ts";
import { bound } from "./bound.ts";
import { checkCount } from "./check-count.ts";
import { intersect, sameIntervals, subtract, unite } from "./intervals.ts";

/**
 * For each head and block of queries, `count` distinct blocks of keys, drawn uniformly without replacement
 * from those that the rest of the union does not cover; all of them if there are fewer.
 */
export function randomBlocks(block: number, count: number, seed: number): Pattern {
  checkCount("randomBlocks", "block", block, 1, Number.MAX_SAFE_INTEGER);
  checkCount("randomBlocks", "count", count, 1);
  return {
    text: `randomBlocks(${block}, ${count}, seed ${seed})`,
    perHead: true,
    drawsFromRest: true,
    parts: [],
    role: "random",
    terms: () => ({ keys: { text: "r·b", letters: { r: count, b: block } } }),
    bind({ length, head, rest }) {
      const blocks = Math.ceil(length / block);
      const blockOf = (token: number): number => Math.floor(token / block);
      const drawn = new Map<number, Intervals>();

      /** The drawn blocks of one block of queries, as ranges of block indices. */
      const draw = (queryBlock: number): Intervals => {
        let ranges = drawn.get(queryBlock);
        if (ranges === undefined) {
          const free = subtract([0, blocks], rest ? coveredBlocks(rest, block, queryBlock) : []);
          ranges = pick(free, count, (bound, many) =>
            distinctBelow(bound, many, randomStream(seed, head, queryBlock)),
          );
          drawn.set(queryBlock, ranges);
        }
        return ranges;
      };
      const toKeys = (ranges: Intervals): Intervals => ranges.map((index) => Math.min(index * block, length));
      const overBlocks = (
        from: number,
        to: number,
        join: (a: Intervals, b: Intervals) => Intervals,
      ): Intervals => {
        let ranges = draw(blockOf(from));
        for (let index = blockOf(from) + 1; index <= blockOf(to - 1); index++)
          ranges = join(ranges, draw(index));
        return toKeys(ranges);
      };
      return bound({
        length,
        attends(query, key) {
          const ranges = draw(blockOf(query));
          const wanted = blockOf(key);
          for (let at = 0; at < ranges.length; at += 2) {
            if (ranges[at] <= wanted && wanted < ranges[at + 1]) return true;
          }
          return false;
        },
        runs: (query) => toKeys(draw(blockOf(query))),
        someRuns: (from, to) => overBlocks(from, to, unite),
        everyRuns: (from, to) => overBlocks(from, to, intersect),
      });
    },
  };
}

/** The members of `free` whose ranks are drawn, as ranges. */
function pick(
  free: Intervals,
  count: number,
  drawRanks: (bound: number, count: number) => readonly number[],
): Intervals {
  let left = 0;
  for (let at = 0; at < free.length; at += 2) left += free[at + 1] - free[at];
  const chosen: number[] = [];
  let at = 0;
  let ranksBefore = 0;
  for (const rank of drawRanks(left, count)) {
    while (rank - ranksBefore >= free[at + 1] - free[at]) {
      ranksBefore += free[at + 1] - free[at];
      at += 2;
    }
    const member = free[at] + rank - ranksBefore;
    if (chosen.at(-1) === member) chosen[chosen.length - 1] = member + 1;
    else chosen.push(member, member + 1);
  }
  return chosen;
}

/** Indices of the key blocks of which `rest` covers every pair with the block of queries, as ranges. */
function coveredBlocks(rest: BoundPattern, block: number, queryBlock: number): Intervals {
  const { length } = rest;
  const from = queryBlock * block;
  const to = Math.min(from + block, length);
  // A single row is covered if its intervals say so.
  if (to - from === 1) return wholeBlocks(rest.intervals(from), block, length);
  const every = rest.everyRuns(from, to);
  const some = rest.someRuns(from, to);
  const covered = wholeBlocks(every, block, length);
  if (rest.combs.length === 0 && sameIntervals(every, some)) return covered;
  // Blocks that only several parts together cover are found by examining each pair.
  const suspects: Intervals = combsMayCover(rest.combs, to - from)
    ? [0, Math.ceil(length / block)]
    : touchedBlocks(some, block);
  const doubtful = subtract(suspects, covered);
  let found = covered;
  for (let at = 0; at < doubtful.length; at += 2) {
    for (let index = doubtful[at]; index < doubtful[at + 1]; index++) {
      if (coversEveryPair(rest, from, to, index * block, Math.min((index + 1) * block, length))) {
        found = unite(found, [index, index + 1]);
      }
    }
  }
  return found;
}

/**
 * Whether combs alone could cover a block: that takes all of at least `rows` consecutive distances, and of n
 * consecutive integers at most ceil(n / stride) are multiples of a stride. One comb never can for several
 * rows.
 */
function combsMayCover(combs: readonly Comb[], rows: number): boolean {
  let multiples = 0;
  for (const { stride } of combs) multiples += Math.ceil(rows / stride);
  return multiples >= rows;
}

/** Indices of the blocks that contain some of these keys, as ranges. */
function touchedBlocks(keys: Intervals, block: number): Intervals {
  let touched: Intervals = [];
  for (let at = 0; at < keys.length; at += 2) {
    touched = unite(touched, [Math.floor(keys[at] / block), Math.ceil(keys[at + 1] / block)]);
  }
  return touched;
}

/** Indices of the blocks that these keys contain completely, as ranges. */
function wholeBlocks(keys: Intervals, block: number, length: number): Intervals {
  let whole: Intervals = [];
  for (let at = 0; at < keys.length; at += 2) {
    const first = Math.ceil(keys[at] / block);
    const last = keys[at + 1] === length ? Math.ceil(length / block) : Math.floor(keys[at + 1] / block);
    if (first < last) whole = unite(whole, [first, last]);
  }
  return whole;
}

function coversEveryPair(
  pattern: BoundPattern,
  from: number,
  to: number,
  keyFrom: number,
  keyTo: number,
): boolean {
  for (let query = from; query < to; query++) {
    for (let key = keyFrom; key < keyTo; key++) if (!pattern.attends(query, key)) return false;
  }
  return true;
}
