import { type BlockEntry, type BlockLine, isVoid, type SlotMeans } from "../../record/schema/block-lines.ts";
import { median } from "../../stats/median.ts";

/** What the means of a cell's slots say, one number per block, as `BlockNumbers` does for medians. */
export interface BlockMeans {
  /** log of head's seconds over base's, all slots together. */
  readonly logRatios: readonly number[];
  /** Seconds per call. */
  readonly base_s: readonly number[];
  readonly head_s: readonly number[];
  /** Timed calls of one side in one block, the median over blocks; 0 if there is none. */
  readonly calls: number;
}

/**
 * The means of a cell, one for each block that holds them. A pair counts even if its thread was kept from
 * running, minus that time: if it were dropped, a long call of head would usually be dropped with it, since
 * longer calls are more likely to be interrupted. Only time taken by the hypervisor cannot be separated, and
 * drops its pairs.
 */
export function blockMeans(
  lines: readonly BlockLine[],
  cell: string,
  against: BlockEntry["against"],
): BlockMeans {
  const found = lines.flatMap(({ entries }) => {
    const entry = entries.find((one) => one.cell === cell && one.against === against);
    const means = entry?.means;
    if (entry === undefined || means === undefined) return [];
    if (isVoid({ base_s: entry.base_s, disturbed: means.stolen })) return [];
    const base_s = ownSeconds(means, "base", entry.base_min_s);
    const head_s = ownSeconds(means, "head", entry.head_min_s);
    return [{ base_s, head_s, calls: means.calls * (means.base_s.length - means.stolen.length) }];
  });
  return {
    logRatios: found.map(({ base_s, head_s }) => Math.log(head_s / base_s)),
    base_s: found.map(({ base_s }) => base_s),
    head_s: found.map(({ head_s }) => head_s),
    calls: found.length === 0 ? 0 : Math.floor(median(found.map(({ calls }) => calls))),
  };
}

/**
 * Seconds per call of one side, without the time in which others ran. Waiting outside the timed calls may be
 * included in it, so no slot is taken to be faster than the fastest call.
 */
function ownSeconds(means: SlotMeans, side: "base" | "head", fastest: number): number {
  const stolen = new Set(means.stolen);
  const waited = means[`${side}_waited_s`];
  const kept = means[`${side}_s`].map((mean, pair) => Math.max(fastest, mean - waited[pair] / means.calls));
  const counted = kept.filter((_, pair) => !stolen.has(pair));
  return counted.reduce((sum, one) => sum + one, 0) / counted.length;
}
