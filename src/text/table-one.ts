import { printable } from "../core/errors.ts";
import type { Letters, TableCell, TableEntry, TableSearch } from "../core/table-one.ts";
import { formatCount } from "./format.ts";

/** How Table 1 reads: of everything, what a plug-in declared is cut and made safe to print. */

/** A formula, and what its letters stand for, except for those that are known already; `–` if there is none. */
export function formulaText(cells: readonly TableCell[], known: Letters = {}): string {
  const [only] = cells;
  const formulas = cells.length === 1 ? wayText(only) : cells.map(bareText).join(" | ");
  const letters = lettersText(cells, known);
  return letters === "" ? printable(formulas || "–", MOST) : `${printable(formulas, MOST)}, ${letters}`;
}

/** One formula after the other, each with the way in which it is computed; a dash if there is none. */
export function waysText(cells: readonly TableCell[]): readonly string[] {
  return cells.length === 0 ? ["–"] : cells.map((cell) => printable(wayText(cell), MOST));
}

function wayText(cell: TableCell): string {
  return cell.as === undefined ? bareText(cell) : `${bareText(cell)} (${cell.as})`;
}

function bareText({ text, atMost }: TableCell): string {
  return atMost ? `≤ ${text}` : text;
}

/** What the letters of formulas stand for, except for those that are known already; empty if nothing is left. */
export function lettersText(cells: readonly TableCell[], known: Letters = {}): string {
  const letters: Letters = Object.assign({}, ...cells.map((cell) => cell.letters));
  return printable(
    Object.entries(letters)
      .filter(([name, value]) => known[name] !== value)
      .map(([name, value]) => `${name} = ${value}`)
      .join(", "),
    MOST,
  );
}

const MOST = 200;

/** The letters of an entry's complexity, which its other formulas need not explain again. */
export function lettersOf({ perLayer: [first] }: TableEntry): Letters {
  return first?.letters ?? {};
}

/** Values at a length: `7.37M`, or `1 | 9 | – | 512`, one for each of several ways; `–` where there is none. */
export function valueText(cells: readonly TableCell[], length: number): string {
  const values = cells.map((cell) => valueAt(cell, length));
  if (values.every((value) => value === null)) return "–";
  return values.map((value) => (value === null ? "–" : numberText(value))).join(" | ");
}

/**
 * The path length at a length: what the formula says, and what the search found. `4 ✓` is found as said, `19 of ≤ 20`
 * below a bound, `3 found` where no formula is known; `4 (✓)`, `4 ≥ 3` and `≥ 3 found` are of some tokens only; `4 ✗ 5` is
 * a wrong formula. Of several ways a search is for the first.
 */
export function pathText({ path, searches }: TableEntry, length: number): string {
  const [first, ...others] = path;
  const search = searches.find((one) => one.length === length);
  const text = searchedText(first, search, length);
  return others.length === 0 || text === "–" ? text : `${text} | ${valueText(others, length)}`;
}

function searchedText(first: TableCell | undefined, search: TableSearch | undefined, length: number): string {
  const value = first === undefined ? null : valueAt(first, length);
  if (first === undefined || value === null) {
    if (search === undefined) return "–";
    return `${search.exact ? "" : "≥ "}${numberText(search.layers)} found`;
  }
  if (search === undefined) return `${first.atMost ? "≤ " : ""}${numberText(value)}`;
  const found = numberText(search.layers);
  if (search.layers > value) return `${numberText(value)} ✗ ${found}`;
  if (first.atMost) return search.exact ? `${found} of ≤ ${numberText(value)}` : `≤ ${numberText(value)}`;
  if (search.layers === value) return `${numberText(value)} ${search.exact ? "✓" : "(✓)"}`;
  return search.exact ? `${numberText(value)} ✗ ${found}` : `${numberText(value)} ≥ ${found}`;
}

/** What the table is called in reports. */
export const TABLE_TITLE = "Table 1: what theory says";

/** How the cells are to be read, in a few sentences. */
export const TABLE_NOTE =
  "After Table 1 of Vaswani et al. 2017: N tokens, d the width of a head. Complexity is that of one layer and head, its leading term " +
  "without constant factors; of patterns the value is the exact number of pairs times d. Several entries are several ways to " +
  "compute the same. The three values at a length are complexity, sequential operations and path length. The maximum path length is the number of layers until any token reaches any other that it may see, in any " +
  "head and with residual connections; ∞ is for tokens that never meet. A mark ✓ says that a breadth-first search over the pattern " +
  "finds just that: from all tokens up to 1024, and from 96 of them beyond, which is a bound from below (✓), as far as that takes no more than a moment. A " +
  "dash is for what nobody declared, or what takes too long to count.";

function valueAt({ values }: TableCell, length: number): number | null {
  return values.find((one) => one.length === length)?.value ?? null;
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "∞";
  if (!(value >= 0)) return "–";
  return value < MOST_EXACT && Number.isInteger(value) ? `${value}` : formatCount(value);
}

/** Numbers below are shown to the last digit. */
const MOST_EXACT = 1e6;
