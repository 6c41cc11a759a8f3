import { int } from "../../src/core/parameters.ts";
import { selection } from "../../src/mechanisms/selection/declare.ts";

/**
 * Quest: a query attends the pages of keys that are best by a bound on their products with it, from what is least and most
 * in each channel of a page.
 *
 * Departs: the paper chooses while decoding only; here a pass chooses for each query as a step would, the page that is being
 * filled being what it holds so far.
 */
export const quest = selection({
  id: "quest",
  title: "Quest",
  summary: "each query attends the pages of keys that a bound says are best",
  tags: ["selection"],
  source: "Tang et al. 2024, arXiv 2406.10774",
  params: {
    page: int(16, { least: 1, unit: "tokens", meaning: "tokens of a page", probe: 4, fullAt: (n) => n }),
    pages: int(16, {
      least: 1,
      unit: "pages",
      meaning: "pages that a query attends",
      probe: 3,
      fullAt: (n) => n,
    }),
  },
  rule: ({ page, pages }) => ({ id: "quest", page, pages }),
  // Every query is compared with every page.
  exponent: () => 2,
});
