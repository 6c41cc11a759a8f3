import { choice, int } from "../../src/core/parameters.ts";
import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { blockBand } from "../../src/pattern/block-band.ts";
import { byHead } from "../../src/pattern/by-head.ts";
import { columns as columnsOf } from "../../src/pattern/columns.ts";
import { union } from "../../src/pattern/union.ts";

/**
 * The Sparse Transformer's fixed attention: a query's own block ∪ the last `columns` tokens of every block,
 * which sum the blocks up. With `mode` heads, even heads have the block and odd heads the columns.
 *
 * Departs: the paper's residues {l - c, …, l} are taken to be c columns; Long Range Arena reads the last as
 * residue 0 and has one more. The published code rotates the columns over the heads. Not causal unless the
 * run is.
 */
export const sparseFixed = softmaxPattern({
  id: "sparse-fixed",
  title: "Sparse Transformer, fixed",
  summary: "a query's own block and the last columns of every block",
  tags: ["sparse", "lra"],
  arena: "Sparse Trans.",
  source: "Child et al. 2019, arXiv 1904.10509, section 4.2",
  params: {
    block: int(128, {
      least: 1,
      unit: "tokens",
      meaning: "block size",
      probe: 6,
      fullAt: (n, { mode }) => (mode === "union" ? n : undefined),
    }),
    columns: int(8, {
      least: 1,
      unit: "tokens of a block",
      meaning: "tokens at its end that all attend",
      probe: 2,
      fullAt: (_, { block, mode }) => (mode === "union" ? Number(block) : undefined),
    }),
    mode: choice(["union", "heads"], { meaning: "both parts in every head, or one each in turn" }),
  },
  // By way of a column. A last block that ends before its columns is read by no other.
  table: ({ block, columns, mode }, causal) =>
    mode === "heads" || columns >= block
      ? {}
      : {
          path: [
            {
              text: causal ? "2" : "2, or ∞ if a block is cut",
              at({ length }) {
                const cut = length % block;
                const unread = length > block && cut > 0 && cut <= block - columns;
                return unread && !causal ? Number.POSITIVE_INFINITY : 2;
              },
            },
          ],
        },
  pattern: ({ block, columns, mode }) =>
    (mode === "heads" ? byHead : union)(blockBand(block, 1), columnsOf(block, columns)),
  exponent: () => 2,
});
