import { ITEM_WORDS } from "./layout.ts";

/** Items in phases, as the module reads them, and where each phase ends, in words. */
export interface SharedItems {
  readonly words: Int32Array;
  readonly phaseEnds: readonly number[];
}

/** Writes phases of items, each its kind and two operands. */
export function sharedItems(phases: ReadonlyArray<ReadonlyArray<readonly number[]>>): SharedItems {
  let end = 0;
  const phaseEnds = phases.map((items) => {
    end += items.length * ITEM_WORDS;
    return end;
  });
  return { words: Int32Array.from(phases.flat(2)), phaseEnds };
}
