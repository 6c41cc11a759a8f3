import type { CaseRow } from "../record/case-row.ts";
import { formatLength } from "../text/format.ts";
import { type Series, seriesOf } from "./series.ts";

/** Something said about some cases. */
interface Remark {
  readonly series: Series;
  readonly row: Pick<CaseRow, "length">;
}

/**
 * A text with the cases it applies to, such as `local at 1k, 2k; stride at 4k`; `every case` if it is all.
 */
export interface PlacedRemark {
  readonly text: string;
  readonly places: string;
  /** How many cases they are. */
  readonly cases: number;
}

/** What `remark` says about each case, each text once, in the order in which it first appears. */
export function placedRemarks(
  rows: readonly CaseRow[],
  remark: (row: CaseRow) => readonly string[],
): readonly PlacedRemark[] {
  const all = seriesOf(rows);
  const remarks = all.flatMap((series) =>
    series.rows.flatMap((row) => remark(row).map((text) => ({ text, series, row }))),
  );
  const cases = all.reduce((sum, series) => sum + series.rows.length, 0);
  return [...Map.groupBy(remarks, ({ text }) => text)].map(([text, alike]) => ({
    text,
    cases: alike.length,
    places: alike.length === cases ? "every case" : placesOf(alike),
  }));
}

/** `local at 1k, 2k; stride at 4k`, each case once. */
export function placesOf(remarks: readonly Remark[], most = MOST): string {
  const places = [...Map.groupBy(remarks, ({ series }) => series)].map(([{ label }, alike]) => {
    const lengths = [...new Set(alike.map(({ row }) => row.length))].sort((a, b) => a - b);
    return `${label} at ${lengths.map(formatLength).join(", ")}`;
  });
  return places.length > most
    ? `${places.slice(0, most - 1).join("; ")}; ${places.length - most + 1} more`
    : places.join("; ");
}

/** Series named before the rest is counted. */
const MOST = 4;
