import type { RoundSamples } from "../../compare/round-samples.ts";
import type { ReadBlocks } from "../../record/read-blocks.ts";
import { blockNumbers } from "./block-numbers.ts";

/** The times of each cell of the first run, one number per block, for tools with their own statistics. */
export function pairedSamples({ gate, lines }: Pick<ReadBlocks, "gate" | "lines">): RoundSamples[] {
  const blocks = lines.filter((line) => line.type === "block").filter(({ run }) => run === 0);
  return gate.plan.cells.flatMap(({ case: name }) => {
    const stages = [1, 2].map((stage) =>
      blockNumbers(
        blocks.filter((block) => block.stage === stage),
        name,
        "head",
      ),
    );
    const base = stages.flatMap(({ base_s }) => base_s);
    const head = stages.flatMap(({ head_s }) => head_s);
    return base.length === 0 ? [] : [{ case: name, base, head }];
  });
}
