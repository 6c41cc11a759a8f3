import type { CaseRow } from "../record/case-row.ts";
import { identityKey } from "../record/schema/identity.ts";
import { quotient } from "../stats/quotient.ts";
import { rowAt, type Series, seriesOf } from "./series.ts";
import { isTimed } from "./speed-up.ts";
import { onlyOf } from "./units.ts";

/** A series in training, and the same as a forward pass alone. */
export interface BothPasses {
  readonly training: Series;
  readonly forward: Series;
}

/** The series that were measured both in training and forward alone, in the order of the first. */
export function bothPassesOf(rows: readonly CaseRow[]): readonly BothPasses[] {
  const forwards = new Map(
    seriesOf(onlyOf("pass", { rows }).rows).flatMap((series) =>
      series.rows.map((row) => [withoutMode(row), series] as const),
    ),
  );
  return seriesOf(onlyOf("training", { rows }).rows).flatMap((training) => {
    const [forward] = training.rows.flatMap((row) => forwards.get(withoutMode(row)) ?? []);
    return forward === undefined ? [] : [{ training, forward }];
  });
}

function withoutMode(row: CaseRow): string {
  return identityKey(row, ["mode"]);
}

/** What a call in training takes, in seconds. */
export interface Split {
  readonly length: number;
  /** The forward pass alone. */
  readonly forward: number;
  /** What is added by the backward pass, and by what a forward pass saves for it. */
  readonly backward: number;
  readonly both: number;
  /** The second over the first. */
  readonly ratio: number;
}

/** How the time of a length is divided; null if either was not measured, or the forward pass alone took longer than both. */
export function splitAt({ training, forward }: BothPasses, length: number): Split | null {
  const [both, first] = [rowAt(training, length), rowAt(forward, length)];
  if (both === undefined || first === undefined || !isTimed(both) || !isTimed(first)) return null;
  const backward = both.median_s - first.median_s;
  const ratio = backward > 0 ? quotient(backward, first.median_s) : null;
  return ratio === null ? null : { length, forward: first.median_s, backward, both: both.median_s, ratio };
}

/** The splits of a series, by rising length. */
export function splitsOf(passes: BothPasses): readonly Split[] {
  return passes.training.rows.flatMap(({ length }) => splitAt(passes, length) ?? []);
}
