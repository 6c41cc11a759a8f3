import type { ReadBlocks } from "../../record/read-blocks.ts";
import type { BlockLine } from "../../record/schema/block-lines.ts";
import { blockMeans } from "./block-means.ts";
import { type BlockNumbers, blockNumbers } from "./block-numbers.ts";
import { blockDeviation } from "./judge-cell.ts";

type Noise = ReadonlyMap<string, number>;
type File = Pick<ReadBlocks, "gate" | "lines">;

/**
 * The standard deviation of each cell's blocks about the mean of their run and stage; cells without two
 * blocks are omitted.
 */
export function blockNoise(file: File): Noise {
  return noiseOf(file, (blocks, name) => blockNumbers(blocks, name, "head"));
}

/** The same for the blocks' means. */
export function meanNoise(file: File): Noise {
  return noiseOf(file, (blocks, name) => blockMeans(blocks, name, "head"));
}

function noiseOf(
  { gate, lines }: File,
  numbersOf: (blocks: readonly BlockLine[], cell: string) => Pick<BlockNumbers, "logRatios">,
): Noise {
  const blocks = lines.filter((line) => line.type === "block");
  const stages = [...Map.groupBy(blocks, ({ run, stage }) => `${run} ${stage}`).values()];
  const noise = new Map<string, number>();
  for (const { case: name } of gate.plan.cells) {
    const deviation = blockDeviation(stages.map((stage) => numbersOf(stage, name)));
    if (deviation !== null) noise.set(name, deviation);
  }
  return noise;
}
