import { type BlockEntry, type BlockLine, isVoid } from "../../record/schema/block-lines.ts";
import { median } from "../../stats/median.ts";

/**
 * One number per block: what the statistics of a gate are made of. Each list has one value for each block
 * that counts.
 */
export interface BlockNumbers {
  /** The block's place in its stage. */
  readonly blocks: readonly number[];
  /** The median over a block's pairs of log(head/base). */
  readonly logRatios: readonly number[];
  /** log(head/base) of the fastest calls. */
  readonly minima: readonly number[];
  /** Seconds per call, the medians of each side. */
  readonly base_s: readonly number[];
  readonly head_s: readonly number[];
}

/**
 * The numbers of a cell, one for each block in which it was not disturbed too much. The median over pairs,
 * not the mean: a disturbance too short to be noticed must not move a block by more than its share.
 */
export function blockNumbers(
  lines: readonly BlockLine[],
  cell: string,
  against: BlockEntry["against"],
): BlockNumbers {
  const found = lines.flatMap(({ block, entries }) => {
    const entry = entries.find((one) => one.cell === cell && one.against === against);
    return entry === undefined || isVoid(entry) ? [] : [{ block, entry: undisturbed(entry) }];
  });
  return {
    blocks: found.map(({ block }) => block),
    logRatios: found.map(({ entry }) =>
      median(entry.base_s.map((base, index) => Math.log(entry.head_s[index] / base))),
    ),
    minima: found.map(({ entry }) => Math.log(entry.head_min_s / entry.base_min_s)),
    base_s: found.map(({ entry }) => median(entry.base_s)),
    head_s: found.map(({ entry }) => median(entry.head_s)),
  };
}

/** How many pairs these blocks had, and how many of them were disturbed. */
export function pairCounts(lines: readonly BlockLine[]): {
  readonly all: number;
  readonly disturbed: number;
} {
  const entries = lines.flatMap((line) => line.entries);
  return {
    all: entries.reduce((sum, { base_s }) => sum + base_s.length, 0),
    disturbed: entries.reduce((sum, { disturbed }) => sum + disturbed.length, 0),
  };
}

function undisturbed(entry: BlockEntry): BlockEntry {
  const dropped = new Set(entry.disturbed);
  const keep = (values: readonly number[]) => values.filter((_, index) => !dropped.has(index));
  return { ...entry, base_s: keep(entry.base_s), head_s: keep(entry.head_s) };
}
