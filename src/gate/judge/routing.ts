import type { BlockLine } from "../../record/schema/block-lines.ts";
import { type Direction, type GateRule, routes, routesMean } from "../../stats/two-stage-rule.ts";
import { blockMeans } from "./block-means.ts";
import { blockNumbers } from "./block-numbers.ts";

/** In which direction stage 1 sends a cell's medians and its means on to stage 2; null if it does not. */
export interface SentOn {
  readonly median: Direction | null;
  readonly mean: Direction | null;
}

/**
 * What the blocks of stage 1 say, however few of them count: the cell is measured again, so this decides
 * nothing.
 */
export function directionsOf(blocks: readonly BlockLine[], cell: string, rule: GateRule): SentOn {
  const medians = blockNumbers(blocks, cell, "head").logRatios;
  const means = blockMeans(blocks, cell, "head").logRatios;
  return {
    median: medians.length === 0 ? null : routes(medians, rule),
    mean: means.length === 0 ? null : routesMean(means, rule),
  };
}
