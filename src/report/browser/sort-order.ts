/** What a row is sorted by; null where that is missing. */
export type SortKey = number | string | null;

/**
 * The places of the keys in sorted order. Missing keys come last whichever way it goes, and keys alike keep their
 * order.
 */
export function sortOrder(
  keys: readonly SortKey[],
  direction: "ascending" | "descending",
): readonly number[] {
  const sign = direction === "ascending" ? 1 : -1;
  return keys
    .map((key, place) => ({ key, place }))
    .sort((a, b) => {
      if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null);
      return sign * compared(a.key, b.key);
    })
    .map(({ place }) => place);
}

/** Numbers by value, before texts; numbers within texts by value too. */
function compared(a: number | string, b: number | string): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "number" || typeof b === "number") return typeof a === "number" ? -1 : 1;
  return a.localeCompare(b, "en", { numeric: true });
}

/** What a cell of a table says: its text, and in `data-sort` its number. */
export interface SortableCell {
  readonly dataset: { readonly sort?: string };
  readonly textContent: string | null;
}

/** What a cell is sorted by: its number where it has one, null where that is missing, else its text. */
export function sortKey({ dataset: { sort }, textContent }: SortableCell): SortKey {
  if (sort === undefined) return textContent ?? "";
  return sort === "" ? null : Number(sort);
}
