import { UsageError } from "../../core/errors.ts";
import type { Overview } from "../../report/overview/overview.ts";
import type { FacetFilter } from "./facet-filter.ts";

/**
 * Cases of one page, and facets: with more, it does not open at once. A facet of 910 cases is a page of 2.4 MB, six small ones
 * are one of 2.5.
 */
export const MOST_ROWS = 1000;
export const MOST_SECTIONS = 6;
/** Pages that are written for facets unasked. */
export const MOST_PAGES = 24;

/** Whether these facets fit on one page. */
export function fitsOnePage({ facets }: Overview, chosen: readonly number[]): boolean {
  return chosen.length <= MOST_SECTIONS && rowsOf(facets, chosen) <= MOST_ROWS;
}

/** The facets that get pages of their own unasked, if a collection does not fit on one page. */
export function pagesOf({ facets }: Overview): readonly number[] {
  if (facets.length > MOST_PAGES) return [];
  return facets.flatMap(({ rows }, index) => (rows <= MOST_ROWS ? [index] : []));
}

/** Refuses a filter that asks for more than a page holds. */
export function refuseTooMuch({ facets }: Overview, { facets: chosen, isAsked }: FacetFilter): void {
  if (chosen.length > MOST_SECTIONS) {
    throw new UsageError(
      `--facet: must be of at most ${MOST_SECTIONS} facets, got ${chosen.length}; add conditions, such as those of ${facets[chosen[0]].name}`,
    );
  }
  const rows = rowsOf(facets, chosen);
  // How many cases are left by conditions within facets is not known before they are read.
  if (isAsked === null && rows > MOST_ROWS) {
    throw new UsageError(
      `--facet: must leave at most ${MOST_ROWS} cases for a page, got ${rows}; add conditions such as variant=…, kernel=…, mode=… or length=…`,
    );
  }
}

function rowsOf(facets: Overview["facets"], chosen: readonly number[]): number {
  return chosen.reduce((sum, index) => sum + facets[index].rows, 0);
}
