import type { ReadBlocks } from "../../record/read-blocks.ts";
import { type BlockNumbers, blockNumbers } from "./block-numbers.ts";
import { blockDeviation } from "./judge-cell.ts";

/** The standard deviation of each cell's blocks about the mean of their run and stage; cells without two blocks are left out. */
export function blockNoise({ gate, lines }: Pick<ReadBlocks, "gate" | "lines">): ReadonlyMap<string, number> {
  const blocks = lines.filter((line) => line.type === "block");
  const stages = [...Map.groupBy(blocks, ({ run, stage }) => `${run} ${stage}`).values()];
  const noise = new Map<string, number>();
  for (const { case: name } of gate.plan.cells) {
    const numbers: BlockNumbers[] = stages.map((stage) => blockNumbers(stage, name, "head"));
    const deviation = blockDeviation(numbers);
    if (deviation !== null) noise.set(name, deviation);
  }
  return noise;
}
