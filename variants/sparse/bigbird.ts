import { int } from "../../src/core/parameters.ts";
import type { Pattern } from "../../src/core/pattern.ts";
import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { blockBand } from "../../src/pattern/block-band.ts";
import { comb } from "../../src/pattern/comb.ts";
import { globalBlocks } from "../../src/pattern/global-blocks.ts";
import { randomBlocks } from "../../src/pattern/random-blocks.ts";
import { union } from "../../src/pattern/union.ts";

/**
 * BigBird: a band of blocks ∪ global blocks at both ends ∪ random blocks, and a stride if one is set; a part
 * set to 0 is omitted. Causal removes the future from all of them after the draw.
 *
 * Departs: random blocks are drawn from all blocks not covered by the other parts (the published code draws
 * from the first 1024 tokens at N ≤ 4096), and a key is never counted twice (the published code does so at N
 * = 1024).
 */
export const bigbird = softmaxPattern({
  id: "bigbird",
  title: "BigBird",
  summary: "blocks: a band, some at both ends, and some drawn at random",
  aliases: ["big-bird"],
  tags: ["core", "sparse", "lra"],
  arena: "BigBird",
  source: "Zaheer et al. 2020, arXiv 2007.14062, section 2 and appendix D",
  params: {
    block: int(64, { least: 1, unit: "tokens", meaning: "block size", probe: 4, fullAt: (n) => n }),
    window: int(3, { unit: "blocks", meaning: "width of the band", fullAt: (n) => 2 * n + 1 }),
    global: int(1, { unit: "blocks at each end", meaning: "global blocks", fullAt: (n) => n }),
    random: int(3, {
      unit: "blocks per row of blocks",
      meaning: "random blocks",
      probe: 2,
      fullAt: (n) => n,
    }),
    stride: int(0, { unit: "tokens", meaning: "stride of a strided part", fullAt: () => 1 }),
    seed: int(0, { unit: "seed", meaning: "seed of the random blocks" }),
  },
  pattern({ block, window, global, random, stride, seed }) {
    const parts: Pattern[] = [];
    if (window > 0) parts.push(blockBand(block, window));
    if (global > 0) parts.push(globalBlocks(block, global));
    if (random > 0) parts.push(randomBlocks(block, random, seed));
    if (stride > 0) parts.push(comb(stride));
    return union(...parts);
  },
  exponent: ({ stride }) => (stride > 0 ? 2 : 1),
});
