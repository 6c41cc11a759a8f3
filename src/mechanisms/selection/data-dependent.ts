import type { Quantity } from "../../core/table-one.ts";

/** What is chosen depends on the numbers, and some tokens may never be. */
export const DATA_DEPENDENT: readonly Quantity[] = [{ text: "data-dependent", as: "∞ possible" }];

/** Sorting, by a network of comparisons. */
export const SORTED: readonly Quantity[] = [
  { text: "log₂N", as: "sort", at: ({ length }) => Math.log2(length) },
];
