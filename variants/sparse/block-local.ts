import { int } from "../../src/core/parameters.ts";
import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { blockBand } from "../../src/pattern/block-band.ts";

/**
 * Block-local (chunked) attention: the sequence is cut into blocks, and a query attends to its own block. The
 * last block may be short.
 *
 * Elsewhere: the "local attention" of Long Range Arena means this, but its code groups residue classes.
 */
export const blockLocal = softmaxPattern({
  id: "block-local",
  title: "Block-local",
  summary: "the sequence is cut into blocks, and a query attends its own",
  aliases: ["blockwise", "chunked"],
  tags: ["sparse"],
  source: "Qiu et al. 2019, arXiv 1911.02972; Tay et al. 2020, arXiv 2011.04006",
  params: {
    block: int(64, { least: 1, unit: "tokens", meaning: "block size", probe: 5, fullAt: (n) => n }),
  },
  pattern: ({ block }) => blockBand(block, 1),
  exponent: () => 1,
});
