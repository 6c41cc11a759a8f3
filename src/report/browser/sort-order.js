/**
 * The places of the keys in sorted order. Missing keys, null, come last whichever way it goes, and keys alike keep
 * their order.
 * @param {readonly (number | string | null)[]} keys
 * @param {"ascending" | "descending"} direction
 * @returns {readonly number[]}
 */
export function sortOrder(keys, direction) {
  const sign = direction === "ascending" ? 1 : -1;
  return keys
    .map((key, place) => ({ key, place }))
    .sort((a, b) => {
      if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null);
      return sign * compared(a.key, b.key);
    })
    .map(({ place }) => place);
}

/**
 * Numbers by value, before texts; numbers within texts by value too.
 * @param {number | string} a
 * @param {number | string} b
 */
function compared(a, b) {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "number" || typeof b === "number") return typeof a === "number" ? -1 : 1;
  return a.localeCompare(b, "en", { numeric: true });
}

/**
 * What a cell is sorted by: its number where it has one, null where that is missing, else its text.
 * @param {{ readonly dataset: { readonly sort?: string }, readonly textContent: string | null }} cell
 * @returns {number | string | null}
 */
export function sortKey({ dataset: { sort }, textContent }) {
  if (sort === undefined) return textContent ?? "";
  return sort === "" ? null : Number(sort);
}
