import type { Schedule } from "../../schedule.ts";
import { type SharedItems, sharedItems } from "../shared-items.ts";
import { GRADIENT_ITEM } from "./layout.ts";
import { groupsOf, type Segments, type SumCosts, segmentsOf } from "./segments.ts";

/**
 * What is done for one head, in phases: tokens are prepared, every pass runs its segments, and their sums are joined. With several
 * threads the longest segments come first, so that none ends long after the others.
 */
export interface GradientItems extends SharedItems {
  /** Whether all keys and values are packed first, in natural order. */
  readonly packsKeys: boolean;
  /** Whether keys and values are checked first: weight 0 would spread those that are not finite. */
  readonly checksValues: boolean;
  /** Groups of rows, `GROUP_WORDS` each, and ranges of groups, two words each. */
  readonly groups: Int32Array;
  readonly ranges: Int32Array;
  readonly segments: Segments;
}

/**
 * Keys and values that fewer groups of rows than this read, on average, are packed by each group that needs them, which is a few
 * hundredths of its work, and saves the memory; turned keys, which are more work, if fewer than two groups do.
 */
const LEAST_READERS = { asTheyAre: 8, turned: 2 } as const;

/** Tokens of a preparing item: enough to be worth taking, and whole panels. */
export const PREPARED_TOKENS = 512;

/** Blocks of keys that an item joins. */
export const JOINED_BLOCKS = 4;

/** The items of a head of so many keys, which are turned or not. */
export function gradientItems(
  schedule: Schedule,
  { length, turns, threads }: { readonly length: number; readonly turns: boolean; readonly threads: number },
  costs: SumCosts,
): GradientItems {
  const passes = groupsOf(schedule);
  const segments = segmentsOf(schedule, passes, length, costs);
  const natural = schedule.hasNaturalPass ? passes[0] : [];
  const read = natural.reduce((sum, { keys }) => sum + keys, 0);
  const packsKeys = read >= LEAST_READERS[turns ? "turned" : "asTheyAre"] * length;
  const checksValues = schedule.masks.length > 0;
  const ranges: number[] = [];
  let before = 0;
  const ofPasses = passes.map((groups, pass) => {
    const kind = pass === 0 ? GRADIENT_ITEM.begin : GRADIENT_ITEM.goOn;
    const items = segments.ends[pass].map((end, segment) => {
      const start = segments.ends[pass][segment - 1] ?? 0;
      ranges.push(before + start, before + end);
      const pairs = groups.slice(start, end).reduce((sum, group) => sum + group.pairs, 0);
      return { pairs, words: [kind, ranges.length / 2 - 1, segment] };
    });
    before += groups.length;
    if (threads > 1) items.sort((one, other) => other.pairs - one.pairs);
    return items.map(({ words }) => words);
  });
  const preparing = inPieces(GRADIENT_ITEM.prepare, length, PREPARED_TOKENS);
  const joining = inPieces(GRADIENT_ITEM.join, segments.blocks, JOINED_BLOCKS);
  return {
    ...sharedItems([...(packsKeys || checksValues ? [preparing] : []), ...ofPasses, joining]),
    packsKeys,
    checksValues,
    groups: Int32Array.from(passes.flat().flatMap(({ task, row, rows }) => [task, row, rows])),
    ranges: Int32Array.from(ranges),
    segments,
  };
}

/** So many tokens or blocks in items of `size` each. */
export function inPieces(kind: number, count: number, size: number): number[][] {
  return Array.from({ length: Math.ceil(count / size) }, (_, index) => [
    kind,
    index * size,
    Math.min(count, (index + 1) * size),
  ]);
}
