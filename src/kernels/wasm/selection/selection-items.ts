import type { Shape } from "../../../core/shape.ts";
import { TILE } from "../layout.ts";
import { type SharedItems, sharedItems } from "../shared-items.ts";
import { SELECTION_ITEM } from "./layout.ts";
import type { Sizes } from "./sizes.ts";

/** Keys of an item that packs them: whole panels. */
const PACKED = 512;

/** Keys of the blocks of an item that summarises them, about. */
const SUMMARISED = 2048;

/** Rows of an item that chooses: whole groups. */
const CHOOSING = 4 * TILE.queries;

/** Rows that are brought into the order of blocks together, at most: their state stays near the core. */
const TOGETHER = 85 * TILE.queries;

/** Items that each thread should have at least. */
const LEAST_ITEMS = 4;

/** Rows of an item that attends. */
export function rowsTogether(queries: number, threads: number): number {
  const share = threads === 1 ? queries : Math.ceil(queries / (LEAST_ITEMS * threads));
  return Math.min(TOGETHER, Math.ceil(share / TILE.queries) * TILE.queries);
}

/** The phases of one head: packing, summarising, choosing and attending. */
export function selectionItems({ rule, block, blocks }: Sizes, shape: Shape, together: number): SharedItems {
  const { queries, length } = shape;
  const summarised = rule === "topK" ? 0 : blocks;
  const blocksTogether = Math.max(1, Math.floor(SUMMARISED / block));
  // The last rows are the longest where keys are chosen one by one.
  return sharedItems([
    stretches(SELECTION_ITEM.pack, length, PACKED),
    stretches(SELECTION_ITEM.summarise, summarised, blocksTogether),
    stretches(SELECTION_ITEM.choose, queries, CHOOSING).reverse(),
    stretches(SELECTION_ITEM.attend, queries, together).reverse(),
  ]);
}

function stretches(kind: number, count: number, together: number): number[][] {
  const items: number[][] = [];
  for (let from = 0; from < count; from += together)
    items.push([kind, from, Math.min(count, from + together)]);
  return items;
}
