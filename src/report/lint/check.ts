import type { CaseRow, Results } from "../../record/case-row.ts";
import type { RoundLine } from "../../record/schema/result-lines.ts";
import type { MediansByCase } from "../../stats/round-medians.ts";
import type { Series } from "../series.ts";

/** What a check looks at: the results, sorted. */
export interface Examined {
  readonly results: Results;
  readonly series: readonly Series[];
  /** The rounds of each case, in the order in which they were measured. */
  readonly rounds: ReadonlyMap<string, readonly RoundLine[]>;
  readonly times: MediansByCase;
}

/**
 * Something odd about one row: what it is and what to do about it. Equal texts are reported once, with all
 * their rows.
 */
export interface Oddity {
  readonly text: string;
  readonly series: Series;
  /** Only `length` if the row is missing. */
  readonly row: Pick<CaseRow, "length">;
}

/** One question asked of the results. */
export interface Check {
  readonly id: string;
  readonly find: (subject: Examined) => readonly Oddity[];
}

/** The rounds of a case, those of each shard together if several measured it. */
export function byShard(
  { shards }: CaseRow,
  rounds: readonly RoundLine[],
): readonly (readonly RoundLine[])[] {
  if (shards === undefined) return [rounds];
  return shards.map(({ block, end }) => rounds.filter(({ round }) => block <= round && round < end));
}

/** A check of cases one by one. */
export function ofEachCase(
  find: (row: CaseRow, rounds: readonly RoundLine[], results: Results) => string | null,
): Check["find"] {
  return ({ results, series, rounds }) =>
    series.flatMap((one) =>
      one.rows.flatMap((row) => {
        const text = find(row, rounds.get(row.case) ?? [], results);
        return text === null ? [] : [{ text, series: one, row }];
      }),
    );
}
